/**
 * One connection to the language server, over the streams of its process. A bundle of its own, loaded only when a
 * server is started: the protocol's library is most of this extension's code. So nothing imports this file but by
 * `import()`, and it imports nothing of ours but `features.ts`.
 */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  RevealOutputChannelOn,
  type Middleware,
} from 'vscode-languageclient/node';
import type { Completion } from '../services.ts';
import { Client } from './features.ts';

export interface Connection {
  readonly client: Client;
  command<T>(name: string, argument: object): Promise<T>;
  completion(document: vscode.TextDocument): Completion | undefined;
  /** The settings are other ones: the server asks for them. */
  settingsChanged(): Promise<void>;
  close(): Promise<void>;
}

export async function connect(
  process: ChildProcessWithoutNullStreams,
  log: vscode.LogOutputChannel,
  selector: readonly { readonly language: string; readonly scheme: string }[],
  atStart: object,
  middleware: Middleware,
  notifications: ReadonlyMap<string, (params: unknown) => void>,
): Promise<Connection> {
  const client = new Client(
    'olivepress',
    'Olive Press',
    () => Promise.resolve({ reader: process.stdout, writer: process.stdin, detached: true }),
    {
      documentSelector: [...selector],
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
        closed: () => ({ action: CloseAction.DoNotRestart, handled: true, message: 'The connection is closed.' }),
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
    command: <T>(name: string, argument: object) =>
      client.sendRequest(ExecuteCommandRequest.type, { command: name, arguments: [argument] }) as Promise<T>,
    completion(document) {
      const provider = client.getFeature('textDocument/completion').getProvider(document);
      const triggers = client.initializeResult?.capabilities.completionProvider?.triggerCharacters ?? [];
      return provider && { provider, triggers };
    },
    settingsChanged: () => client.sendNotification('workspace/didChangeConfiguration', { settings: null }),
    async close() {
      await client.stop().catch(() => undefined);
      await client.dispose().catch(() => undefined);
    },
  };
}
