/**
 * One connection to the language server, over the streams of its process. Loaded only when a server is started: the
 * protocol's library is most of this extension's code.
 */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  RevealOutputChannelOn,
  ResponseError,
  type Middleware,
} from 'vscode-languageclient/node';
import { SELECTOR } from '../configs.ts';
import { CommandError } from '../services.ts';
import { Client } from './features.ts';

export interface Connection {
  readonly client: Client;
  command<T>(name: string, argument: object): Promise<T>;
  /** The settings are other ones: the server asks for them. */
  settingsChanged(): Promise<void>;
  close(): Promise<void>;
}

export async function connect(
  process: ChildProcessWithoutNullStreams,
  log: vscode.LogOutputChannel,
  atStart: object,
  middleware: Middleware,
  notifications: ReadonlyMap<string, (params: unknown) => void>,
): Promise<Connection> {
  const client = new Client(
    'olivepress',
    'Olive Press',
    () => Promise.resolve({ reader: process.stdout, writer: process.stdin, detached: true }),
    {
      documentSelector: SELECTOR,
      outputChannel: log,
      traceOutputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: atStart,
      middleware,
      diagnosticCollectionName: 'olivepress',
      markdown: { isTrusted: false, supportHtml: false },
      // Whether it is started again is decided where the process is watched.
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
      },
      initializationFailedHandler: () => false,
    },
  );
  for (const [method, handler] of notifications) {
    client.onNotification(method, handler);
  }
  await client.start();
  return {
    client,
    async command<T>(name: string, argument: object): Promise<T> {
      try {
        const params = { command: name, arguments: [argument] };
        return (await client.sendRequest(ExecuteCommandRequest.type, params)) as T;
      } catch (error) {
        throw asCommandError(error);
      }
    },
    settingsChanged: () => client.sendNotification('workspace/didChangeConfiguration', { settings: null }),
    async close() {
      await client.stop().catch(() => undefined);
      await client.dispose().catch(() => undefined);
    },
  };
}

function asCommandError(error: unknown): unknown {
  if (error instanceof ResponseError) {
    const data: unknown = error.data;
    return new CommandError(error.message, typeof data === 'object' && data ? data : {});
  }
  return error;
}
