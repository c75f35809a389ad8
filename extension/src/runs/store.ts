/** The runs that this window knows of. */

import * as vscode from 'vscode';
import type { Server } from '../services.ts';

export interface RunStore {
  readonly onDidChange: vscode.Event<{ readonly ids: readonly string[] }>;
}

export function makeRunStore(
  _context: vscode.ExtensionContext,
  _log: vscode.LogOutputChannel,
  _server: Server,
): RunStore & vscode.Disposable {
  return new vscode.EventEmitter<{ readonly ids: readonly string[] }>() as unknown as RunStore & vscode.Disposable;
}
