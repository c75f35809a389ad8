/** Which config, which pass, which run a command means: as it was called, or asked. */

import * as vscode from 'vscode';
import { runIdOf, uriOf } from '../pages/picking.ts';
import { baseName } from '../pages/format.ts';
import { CommandError, type Services } from '../services.ts';
import { isHere } from './here.ts';
import { passKeys } from './passKeys.ts';
import type { RunView } from './view.ts';
import { configName, runIcon, runText } from './words.ts';

const LIKELY = '{**/*olive*.json,**/*olive*.jsonc,**/*config*.json,**/*workflow*.json}';
const NOT_IN = '{**/node_modules/**,**/.venv*/**,**/.git/**,**/.olivepress/**,**/cache/**}';
const MENTIONS = /"input_model"\s*:/;
const MOST = 200;
const LONGEST = 1_000_000;

/** The config of the call, the active one, or one of the workspace; undefined if the user chose none. */
export async function chosenConfig(services: Services, argument: unknown): Promise<vscode.Uri | undefined> {
  const named = uriOf(argument) ?? configOfRun(services, argument) ?? services.configs.active?.uri;
  if (named !== undefined) {
    return named;
  }
  const found = await configsHere(services);
  if (found.length === 0) {
    throw new CommandError(vscode.l10n.t('This workspace has no Olive config. Open one, or create one from a template.'));
  }
  if (found.length === 1) {
    return found[0];
  }
  const items = found.map((uri) => ({
    label: baseName(uri.path), description: vscode.workspace.asRelativePath(uri), uri,
  }));
  const title = vscode.l10n.t('Which config?');
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.uri;
}

/** A pass of the config: that of the call, or asked. */
export async function chosenPass(uri: vscode.Uri, argument: unknown, title: string): Promise<string | undefined> {
  const named = typeof argument === 'string' ? argument : (argument as { pass?: unknown } | undefined)?.pass;
  if (typeof named === 'string') {
    return named;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const names = passKeys(document.getText()).map(({ name }) => name);
  if (names.length === 0) {
    throw new CommandError(vscode.l10n.t('{0} has no passes.', baseName(uri.path)));
  }
  return vscode.window.showQuickPick(names, { title });
}

/** Runs of the call: those selected in the view, the one that was clicked on, or one that is picked. */
export async function chosenRuns(
  services: Services, argument: unknown, selected: unknown, title: string, fits: (run: RunView) => boolean,
): Promise<readonly RunView[]> {
  const ids = Array.isArray(selected) && selected.length > 1 ? selected.map(runIdOf) : [runIdOf(argument)];
  const named = [...new Set(ids)].flatMap((id) => (id === undefined ? [] : [services.runs.get(id)]));
  if (named.length > 0) {
    const there = named.filter((run) => run !== undefined);
    if (there.length === 0) {
      throw new CommandError(vscode.l10n.t('This run no longer exists.'));
    }
    return there.length > 1 ? there.filter(fits) : there;
  }
  if (!services.runs.loaded) {
    await services.runs.refresh();
  }
  const fitting = services.runs.all.filter(fits);
  const found = fitting.some(isHere) ? fitting.filter(isHere) : fitting;
  if (found.length < 2) {
    return found;
  }
  const items = found.map((run) => ({
    label: configName(run), description: runText(run), detail: run.id, iconPath: runIcon(run.state), run,
  }));
  const picked = await vscode.window.showQuickPick(items, { title, matchOnDescription: true, matchOnDetail: true });
  return picked === undefined ? [] : [picked.run];
}

function configOfRun({ runs }: Services, argument: unknown): vscode.Uri | undefined {
  const id = runIdOf(argument);
  const run = id === undefined ? undefined : runs.get(id);
  return run === undefined ? undefined : vscode.Uri.file(run.config);
}

/** Open ones first; files are taken by what stands in them. */
async function configsHere({ configs }: Services): Promise<vscode.Uri[]> {
  const open = configs.all.map(({ uri }) => uri);
  const files = await vscode.workspace.findFiles(LIKELY, NOT_IN, MOST);
  const found = await Promise.all(files.map(async (uri) => ((await isConfig(uri)) ? [uri] : [])));
  const all = [...open, ...found.flat().sort((one, other) => one.path.localeCompare(other.path))];
  return [...new Map(all.map((uri) => [uri.toString(), uri])).values()];
}

async function isConfig(uri: vscode.Uri): Promise<boolean> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size <= LONGEST && MENTIONS.test(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
  } catch {
    return false;
  }
}
