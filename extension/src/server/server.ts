/**
 * The language server as the rest of the extension sees it: one at a time, started when needed, again after it crashed.
 *
 * All that changes the state goes through one queue, so that starting, stopping and crashing never overlap.
 */

import * as vscode from 'vscode';
import { SELECTOR, type ConfigsHere } from '../configs.ts';
import { serverCommand, type ImportStrategy } from '../python/environment.ts';
import { CommandError, type Disposes, type Interpreters, type Server, type ServerState } from '../services.ts';
import { makeOneVoice } from '../json/oneVoice.ts';
import type { Connection } from './client.ts';
import { makeMiddleware } from './middleware.ts';
import { startProcess, type Ending, type ServerProcess } from './process.ts';
import { makeRestarts } from './restarts.ts';
import { settingsOf } from './settings.ts';

/** vscode-jsonrpc's codes: what was not sent, or not answered, since the connection ended. */
const GONE = new Set<unknown>([-32096, -32097, -32098, -32099]);

interface Running {
  readonly process: ServerProcess;
  readonly connection: Connection;
  /** Of the interpreter. */
  readonly python: string;
}

export function makeServer(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  interpreters: Interpreters,
  configs: ConfigsHere,
): Server & Disposes {
  const stateChanged = new vscode.EventEmitter<ServerState>();
  const handlers = new Map<string, Set<(params: unknown) => void>>();
  const atStart = new Map<string, () => unknown>();
  const restarts = makeRestarts();
  const voice = makeOneVoice();
  let state: ServerState = 'stopped';
  let running: Running | undefined;
  let starting: Promise<void> | undefined;
  let restarting: Promise<void> | undefined;
  let again: NodeJS.Timeout | undefined;
  let queue = Promise.resolve();

  const setState = (next: ServerState): void => {
    if (state !== next) {
      log.debug(`Server: ${state} -> ${next}`);
      state = next;
      stateChanged.fire(next);
    }
  };
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const open = async (): Promise<void> => {
    if (running) {
      return;
    }
    clearTimeout(again);
    setState('starting');
    const interpreter = await interpreters.current();
    if (!interpreter) {
      setState('failed');
      throw new CommandError(interpreters.lacking());
    }
    const strategy = vscode.workspace.getConfiguration('olivepress').get<ImportStrategy>('importStrategy', 'useBundled');
    const command = serverCommand(context, interpreter, strategy, ['--log-level', levelOf(log)]);
    log.info(`Starting the server with Python ${interpreter.version}: ${interpreter.path}`);
    const process = startProcess(command, context.extensionPath, log);
    const { connect } = await import('./client.ts');
    const given = Object.fromEntries([...atStart].map(([name, value]) => [name, value()]));
    const options = { ...given, documents: true, settings: await settingsOf(undefined, interpreters) };
    const middleware = makeMiddleware(configs, interpreters, voice, () => running?.connection.client);
    const notifications = new Map([...handlers.keys()].map((method) => [method, dispatch(method)]));
    try {
      const died = process.ended.then((ending) => Promise.reject(new Error(ending.said || ending.how)));
      const connecting = connect(process.child, log, SELECTOR, options, middleware, notifications);
      running = { process, connection: await Promise.race([connecting, died]), python: interpreter.path };
    } catch (error) {
      await process.end();
      setState('failed');
      throw error;
    }
    setState('running');
    void process.ended.then((ending) => {
      if (running?.process === process) {
        void inTurn(() => crashed(ending));
      }
    });
  };

  const close = async (): Promise<void> => {
    clearTimeout(again);
    const was = running;
    running = undefined;
    configs.forget();
    if (was) {
      await was.connection.close();
      await was.process.end();
    }
    setState('stopped');
  };

  const crashed = async (ending: Ending): Promise<void> => {
    log.error(`The server ended by itself: ${ending.how}`);
    const was = running;
    running = undefined;
    configs.forget();
    await was?.connection.close();
    const wait = restarts.ended(Date.now());
    if (wait === undefined) {
      setState('failed');
      complain(vscode.l10n.t('The Olive Press server stopped several times in a row ({0}) and was not started again.', ending.how));
      return;
    }
    setState('stopped');
    again = setTimeout(() => void start().catch(() => undefined), wait);
  };

  const complain = (message: string): void => {
    const [logs, retry] = [vscode.l10n.t('Show Logs'), vscode.l10n.t('Restart Server')];
    void vscode.window.showErrorMessage(message, logs, retry).then((answer) => {
      if (answer === logs) {
        log.show();
      } else if (answer === retry) {
        void restart();
      }
    });
  };

  const dispatch =
    (method: string) =>
    (params: unknown): void => {
      for (const handler of handlers.get(method) ?? []) {
        try {
          handler(params);
        } catch (error) {
          log.error(`${method}: ${String(error)}`);
        }
      }
    };

  /** Says once what stops it; the same again only after the user asked for it. */
  let told = false;
  const start = (): Promise<void> => {
    starting ??= inTurn(open)
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        log.error(`The server does not start: ${message}`);
        if (!told && !(error instanceof CommandError)) {
          const last = message.trim().split('\n').at(-1) ?? '';
          complain(vscode.l10n.t('The Olive Press server did not start: {0}', last));
        }
        told = true;
        throw error;
      })
      .finally(() => {
        starting = undefined;
      });
    return starting;
  };
  const restart = (): Promise<void> => {
    const closeAndStart = async (): Promise<void> => {
      told = false;
      restarts.forget();
      await starting?.catch(() => undefined);
      await inTurn(close);
      await start().catch(() => undefined);
    };
    restarting ??= closeAndStart().finally(() => {
      restarting = undefined;
    });
    return restarting;
  };

  const settingsChanged = (): void => {
    void running?.connection.settingsChanged().catch((error: unknown) => {
      log.warn(`Settings were not sent: ${String(error)}`);
    });
  };
  const interpreterChanged = async (): Promise<void> => {
    const interpreter = await interpreters.current();
    if (running && interpreter?.path === running.python) {
      settingsChanged();
    } else if (state !== 'stopped') {
      log.info('Another interpreter was chosen');
      await restart();
    }
  };
  const subscriptions: Disposes[] = [
    stateChanged,
    voice,
    interpreters.onDidChange(() => void interpreterChanged()),
    vscode.workspace.onDidGrantWorkspaceTrust(settingsChanged),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('olivepress.importStrategy') && state !== 'stopped') {
        void restart();
      }
    }),
  ];

  const server: Server & Disposes = {
    get state() {
      return state;
    },
    onDidChangeState: stateChanged.event,
    async start() {
      await restarting;
      if (!running) {
        await start();
      }
    },
    restart,
    stop: () => inTurn(close),
    async command<T>(name: string, argument: object = {}): Promise<T> {
      await server.start();
      if (!running) {
        throw new CommandError(stopped());
      }
      return running.connection.command<T>(name, argument).catch(refused);
    },
    async request<T>(method: string, params: object, token?: vscode.CancellationToken): Promise<T | undefined> {
      return running?.connection.client.sendRequest<T>(method, params, token);
    },
    completion: (document) => running?.connection.completion(document),
    onNotification<T>(method: string, handler: (params: T) => void): vscode.Disposable {
      const all = handlers.get(method) ?? new Set();
      if (!handlers.has(method)) {
        handlers.set(method, all);
        running?.connection.client.onNotification(method, dispatch(method));
      }
      all.add(handler as (params: unknown) => void);
      return new vscode.Disposable(() => all.delete(handler as (params: unknown) => void));
    },
    provideAtStart(name, value) {
      atStart.set(name, value);
      return new vscode.Disposable(() => atStart.delete(name));
    },
    dispose() {
      void inTurn(close);
      vscode.Disposable.from(...subscriptions).dispose();
    },
  };
  subscriptions.push(
    server.onNotification<{ uri: string; workflow: boolean }>('olivepress/document', ({ uri, workflow }) => {
      configs.told(uri, workflow);
    }),
  );
  return server;
}

function stopped(): string {
  return vscode.l10n.t('The server has just stopped. Try again.');
}

/** The server's errors carry a sentence for the user, and data of ours; those of the connection carry neither. */
function refused(error: unknown): never {
  const isOfConnection = error instanceof Error && 'code' in error && GONE.has(error.code);
  if (isOfConnection || String(error).includes('Starting server failed')) {
    throw new CommandError(stopped());
  }
  if (error instanceof Error && 'code' in error) {
    const data = 'data' in error && typeof error.data === 'object' ? error.data : null;
    throw new CommandError(error.message, data ?? {});
  }
  throw error;
}

/** From "info" on the server's libraries write whole messages, texts of documents included. */
function levelOf({ logLevel }: vscode.LogOutputChannel): string {
  if (logLevel === vscode.LogLevel.Trace) {
    return 'debug';
  }
  return logLevel === vscode.LogLevel.Debug ? 'info' : 'warning';
}
