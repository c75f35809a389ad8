/** Context keys for menus: `olivepress.isConfig`, `olivepress.serverRunning`. Those of runs are set where runs are. */

import * as vscode from 'vscode';
import type { Services } from './services.ts';

export function register({ configs, server }: Services): vscode.Disposable {
  const set = (): void => {
    setContext('olivepress.isConfig', configs.active !== undefined);
    setContext('olivepress.serverRunning', server.state === 'running');
  };
  set();
  return vscode.Disposable.from(configs.onDidChange(set), server.onDidChangeState(set));
}

export function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', key, value);
}
