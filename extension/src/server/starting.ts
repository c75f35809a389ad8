/**
 * When the server is started: when a text that may be a workflow is open, or runs were started from the open folders.
 * In every other window nothing runs.
 */

import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { hasRuns } from './runsBefore.ts';

export function register(services: Services): vscode.Disposable {
  const { configs } = services;
  /** Once it was stopped or failed, only the user starts it again. */
  let tried = false;
  const startIfNeeded = (): void => {
    if (!tried && configs.all.length > 0) {
      tried = true;
      start(services);
    }
  };
  startIfNeeded();
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  void hasRuns(folders.map(({ uri }) => uri.fsPath), process.env).then((found) => {
    if (!tried && found) {
      tried = true;
      start(services);
    }
  });
  return configs.onDidChange(startIfNeeded);
}

function start({ server, interpreters }: Services): void {
  server.start().catch(async () => {
    // What else stops it, the server says by itself.
    if ((await interpreters.current()) === undefined) {
      await offerInterpreter(interpreters.lacking());
    }
  });
}

const DOWNLOADS = 'https://www.python.org/downloads/';

/** One message: what was found, and what can be done. */
async function offerInterpreter(message: string): Promise<void> {
  const [select, get] = [vscode.l10n.t('Select Interpreter'), vscode.l10n.t('Get Python')];
  const answer = await vscode.window.showWarningMessage(message, select, get);
  if (answer === select) {
    await vscode.commands.executeCommand('olivepress.selectInterpreter');
  } else if (answer === get) {
    await vscode.env.openExternal(vscode.Uri.parse(DOWNLOADS));
  }
}
