/** What a command is about: from what it was called with, or from the user. */

import * as vscode from 'vscode';
import type { RunView } from '../runs/view.ts';
import { baseName, formats } from './format.ts';
import { modelOf } from './runPage.ts';
import { shownPath } from './places.ts';

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

type Choice = vscode.QuickPickItem & { readonly run: RunView };

export async function pickRun(runs: readonly RunView[]): Promise<RunView | undefined> {
  return pick(runs, vscode.l10n.t('Which run?'));
}

export async function pickOther(runs: readonly RunView[], id: string): Promise<RunView | undefined> {
  return pick(runs.filter((run) => run.id !== id), vscode.l10n.t('Compare {0} with which run?', id));
}

async function pick(runs: readonly RunView[], title: string): Promise<RunView | undefined> {
  if (runs.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There are no runs yet.'));
    return undefined;
  }
  const options = { title, matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(runs.map(choice), options))?.run;
}

function choice(run: RunView): Choice {
  const { moment } = formats(vscode.env.language);
  return {
    run, label: baseName(run.config), description: `${moment(run.started ?? run.created, new Date())} · ${run.state}`,
    detail: `${shownPath(run.config)} · ${run.id}`,
  };
}

/** The folder of a built model: one that a run made, or any other. */
export async function pickModelFolder(runs: readonly RunView[]): Promise<string | undefined> {
  const built = runs.flatMap((run) => {
    const folder = modelOf(run);
    return folder === undefined ? [] : [{ ...choice(run), folder, detail: folder }];
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
    title: vscode.l10n.t('The folder of a built model (with a genai_config.json)'),
  });
  return folders?.[0]?.fsPath;
}
