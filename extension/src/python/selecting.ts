/** Olive: Select Interpreter. What is chosen goes into the setting `olivepress.interpreter`. */

import * as vscode from 'vscode';
import type { Interpreter, Services } from '../services.ts';
import { isEnough, NEEDED, versionOf } from './versions.ts';

interface Choice extends vscode.QuickPickItem {
  /** What is written; empty for the automatic choice. */
  readonly path?: string;
  readonly action?: 'browse';
}

export async function selectInterpreter({ interpreters }: Services): Promise<void> {
  const chosen = await choose(interpreters.all(), await interpreters.current());
  if (!chosen) {
    return;
  }
  const path = chosen.action === 'browse' ? await browse() : (chosen.path ?? '');
  if (path === undefined || (path && !(await isUsable(path)))) {
    return;
  }
  await takeInterpreter(path);
}

/** Writes the setting; an empty path stands for the automatic choice. */
export async function takeInterpreter(path: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration('olivepress');
  // Settings of an untrusted workspace do not count.
  const inWorkspace = vscode.workspace.workspaceFolders !== undefined && vscode.workspace.isTrusted;
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await settings.update('interpreter', path || undefined, target);
}

async function choose(found: Promise<Interpreter[]>, current: Interpreter | undefined): Promise<Choice | undefined> {
  const automatic: Choice = {
    label: `$(sparkle) ${vscode.l10n.t('Automatic')}`,
    description: vscode.l10n.t('the choice in the Python extension, else the first on the PATH'),
    path: '',
  };
  const other: Choice = { label: `$(folder-opened) ${vscode.l10n.t('Browse...')}`, action: 'browse' };
  const listed = found.then((all) => [automatic, ...all.map((one) => choiceOf(one, current)), other]);
  return vscode.window.showQuickPick<Choice>(listed, {
    placeHolder: current
      ? vscode.l10n.t('Now in use: Python {0}, {1}', current.version, current.path)
      : vscode.l10n.t('The Python {0} or newer that runs the server and the engine', NEEDED),
    matchOnDetail: true,
  });
}

function choiceOf({ path, version }: Interpreter, current: Interpreter | undefined): Choice {
  const mark = current?.path === path ? '$(check) ' : '';
  return { label: `${mark}Python ${version}`, detail: path, path };
}

async function browse(): Promise<string | undefined> {
  const title = vscode.l10n.t('Select a Python program');
  return (await vscode.window.showOpenDialog({ title, canSelectMany: false }))?.[0]?.fsPath;
}

async function isUsable(path: string): Promise<boolean> {
  const found = await versionOf(path);
  if (found && isEnough(found.version)) {
    return true;
  }
  const what = found ? `Python ${found.version}` : vscode.l10n.t('not Python');
  void vscode.window.showErrorMessage(
    vscode.l10n.t('{0} is {1}. Olive Press needs Python {2} or newer.', path, what, NEEDED),
  );
  return false;
}
