/** What every feature of the extension is given. Interfaces only; who makes them is `extension.ts`'s affair. */

import type * as vscode from 'vscode';
import type { Problem } from './protocol.ts';
import type { RunStore } from './runs/store.ts';

export { pythonCommand } from './python/environment.ts';

export interface Services {
  readonly context: vscode.ExtensionContext;
  /** "Olive Press": what the extension and the server have to tell. */
  readonly log: vscode.LogOutputChannel;
  readonly server: Server;
  readonly interpreters: Interpreters;
  readonly configs: Configs;
  readonly runs: RunStore;
}

export interface Disposes {
  dispose(): void;
}

/** `failed`: it does not start, or ended too often; `start` or `restart` tries again. */
export type ServerState = 'stopped' | 'starting' | 'running' | 'failed';

export interface Server {
  readonly state: ServerState;
  readonly onDidChangeState: vscode.Event<ServerState>;
  /**
   * `workspace/executeCommand`; starts the server if need be. Rejects with CommandError, whose message is a sentence
   * for the user.
   */
  command<T>(name: string, argument?: object): Promise<T>;
  /** Any request of the protocol; undefined where no server is running. Starts none. */
  request<T>(method: string, params: object, token?: vscode.CancellationToken): Promise<T | undefined>;
  /** What completes a document, and the characters that ask for it; undefined where no server is running. */
  completion(document: vscode.TextDocument): Completion | undefined;
  /** A notification of ours; the handler survives restarts of the server. */
  onNotification<T>(method: string, handler: (params: T) => void): vscode.Disposable;
  /** What `initializationOptions` holds beside the settings; asked at each start. */
  provideAtStart(name: string, value: () => unknown): vscode.Disposable;
  start(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Completion {
  readonly provider: vscode.CompletionItemProvider;
  readonly triggers: readonly string[];
}

/** A refusal, in words for the user. */
export class CommandError extends Error {
  readonly data: CommandErrorData;

  constructor(message: string, data: CommandErrorData = {}) {
    super(message);
    this.name = 'CommandError';
    this.data = data;
  }
}

export interface CommandErrorData {
  readonly problems?: readonly Required<Problem>[];
  readonly hint?: string;
  readonly code?: string;
}

export interface Interpreter {
  readonly path: string;
  /** `3.11.4` */
  readonly version: string;
  readonly source: 'setting' | 'python-extension' | 'found';
}

export interface Interpreters {
  /** What server and runs use; undefined where no Python 3.10 or newer is found. */
  current(scope?: vscode.Uri): Promise<Interpreter | undefined>;
  /** Those that are there and new enough, to choose from. */
  all(): Promise<Interpreter[]>;
  /** Why there is none, and what to do, as a sentence for the user. */
  lacking(): string;
  readonly onDidChange: vscode.Event<void>;
}

/** Which open documents are workflows, by what stands in them. */
export interface Configs {
  has(document: vscode.TextDocument): boolean;
  /** Of the active editor; undefined if that is no workflow. */
  readonly active: vscode.TextDocument | undefined;
  /** The open ones. */
  readonly all: readonly vscode.TextDocument[];
  readonly onDidChange: vscode.Event<void>;
}
