/** What a command is about: from what it was called with, or from the user. */

import * as vscode from 'vscode';
import type { RunView } from '../runs/view.ts';
import { configName, runText } from '../runs/words.ts';
import { modelOf } from './runPage.ts';

/** Of a run id, an item of the view, or a run itself. */
export function runIdOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  if (typeof argument !== 'object' || argument === null || argument instanceof vscode.Uri) return undefined;
  const { runId, run, id } = argument as { runId?: unknown; run?: unknown; id?: unknown };
  if (typeof runId === 'string') return runId;
  if (run !== undefined) return runIdOf(run);
  return typeof id === 'string' ? id : undefined;
}

/** Of a uri, or the text of one. */
export function uriOf(argument: unknown): vscode.Uri | undefined {
  if (argument instanceof vscode.Uri) return argument;
  return typeof argument === 'string' && argument.includes('://') ? vscode.Uri.parse(argument) : undefined;
}

/** The folder of a built model: one that a run made, or any other. */
export async function pickModelFolder(runs: readonly RunView[]): Promise<string | undefined> {
  const built = runs.flatMap((run) => {
    const folder = modelOf(run);
    return folder === undefined ? [] : [{ label: configName(run), description: runText(run), detail: folder, folder }];
  });
  const seen = new Set<string>();
  const newest = built.filter(({ folder }) => !seen.has(folder) && seen.add(folder));
  const other = { label: vscode.l10n.t('Another folder...'), folder: undefined };
  if (newest.length > 0) {
    const title = vscode.l10n.t('Which model?');
    const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { readonly folder: string | undefined }>(
      [...newest, other], { title, matchOnDetail: true });
    if (picked === undefined || picked.folder !== undefined) return picked?.folder;
  }
  const folders = await vscode.window.showOpenDialog({
    canSelectFolders: true, canSelectFiles: false, openLabel: vscode.l10n.t('Try the Model'),
    title: vscode.l10n.t('Folder of a built model (with genai_config.json in it)'),
  });
  return folders?.[0]?.fsPath;
}
