/** Where the results of runs lie: their folder, its path, the line that made a run fail, the config of a run. */

import * as vscode from 'vscode';
import { copy, openAt, openFolder, openPass } from '../pages/places.ts';
import { CommandError, type Services } from '../services.ts';
import { chosenRuns } from './choosing.ts';
import type { RunView } from './view.ts';
import { configName } from './words.ts';

export async function openOutput(services: Services, argument?: unknown): Promise<void> {
  const path = await outputOf(services, argument);
  if (path === undefined) {
    return;
  }
  const there = await vscode.workspace.fs.stat(vscode.Uri.file(path)).then(() => true, () => false);
  if (!there) {
    throw new CommandError(vscode.l10n.t('{0} does not exist: the run wrote no results.', path));
  }
  await openFolder(path);
}

export async function copyOutput(services: Services, argument?: unknown): Promise<void> {
  const path = await outputOf(services, argument);
  if (path !== undefined) {
    await copy(path);
  }
}

export async function revealConfig(services: Services, argument?: unknown): Promise<void> {
  const run = await oneRun(services, argument);
  const pass = (argument as { pass?: unknown } | undefined)?.pass;
  if (run !== undefined) {
    await (typeof pass === 'string' ? openPass(run.config, pass) : openAt(run.config));
  }
}

/** The line that made it fail: where the finding stands now, else where it stood when it was run. */
export async function revealError(services: Services, argument?: unknown): Promise<void> {
  const run = await oneRun(services, argument);
  if (run === undefined) {
    return;
  }
  const uri = vscode.Uri.file(run.config);
  const found = vscode.languages.getDiagnostics(uri).find(({ message }) => message.includes(run.id));
  if (found !== undefined) {
    const { line, character } = found.range.start;
    await openAt(run.config, line + 1, character + 1);
  } else {
    await openAt(run.config, run.error?.line, run.error?.column || 1);
  }
}

async function outputOf(services: Services, argument: unknown): Promise<string | undefined> {
  const path = (argument as { path?: unknown } | undefined)?.path;
  if (typeof path === 'string' && !(argument instanceof vscode.Uri)) {
    return path;
  }
  const run = await oneRun(services, argument, (one) => one.outputDir !== null);
  if (run !== undefined && run.outputDir === null) {
    throw new CommandError(vscode.l10n.t('The run of {0} has no output folder yet.', configName(run)));
  }
  return run?.outputDir ?? undefined;
}

async function oneRun(
  services: Services, argument: unknown, fits: (run: RunView) => boolean = () => true,
): Promise<RunView | undefined> {
  const [run] = await chosenRuns(services, argument, undefined, vscode.l10n.t('Which run?'), fits);
  if (run === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There are no runs yet.'));
  }
  return run;
}
