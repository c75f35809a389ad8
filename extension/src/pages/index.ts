/** The pages: a run, a plan, two runs beside each other, a model to be tried. Their commands and what they open. */

import * as vscode from 'vscode';
import { registerCommands } from '../commands/registering.ts';
import { chosenRuns } from '../runs/choosing.ts';
import type { RunView } from '../runs/view.ts';
import { CommandError, type Services } from '../services.ts';
import { comparePages } from './comparePage.ts';
import { baseName } from './format.ts';
import { modelPages, type ModelSubject } from './modelPage.ts';
import { makePages, type Pages } from './panel.ts';
import { pickModelFolder, runIdOf, uriOf } from './picking.ts';
import { planPages } from './planPage.ts';
import { modelOf, runPages } from './runPage.ts';

export function register(services: Services): vscode.Disposable {
  const { runs } = services;
  const askedPasses = new Map<string, string>();
  const plans = makePages(services, planPages(services, askedPasses));
  const compared = makePages(services, comparePages(services));
  const models: Pages<ModelSubject> = makePages(services, modelPages(services, chooseModel));
  const shown = makePages(services, runPages(services, (folder, id) => {
    models.open({ folder, run: runs.get(id)?.folder ?? null });
  }));

  async function openRun(argument?: unknown): Promise<void> {
    const run = await chosen(argument, vscode.l10n.t('Which run?'));
    if (run !== undefined) shown.open({ run: run.id, name: baseName(run.config) });
  }

  function showPlan(argument?: unknown, pass?: unknown): void {
    const uri = uriOf(argument) ?? services.configs.active?.uri;
    if (uri === undefined) throw new CommandError(vscode.l10n.t('Open the config whose plan you want to see.'));
    if (typeof pass === 'string') askedPasses.set(uri.toString(), pass);
    else askedPasses.delete(uri.toString());
    plans.open({ uri: uri.toString() });
  }

  /** From the view: the run that was clicked on, and all that are selected. */
  async function compareRuns(argument?: unknown, selected?: unknown): Promise<void> {
    const several = Array.isArray(selected) ? selected.map(runIdOf).filter((id) => id !== undefined) : [];
    const one = several[0] ?? (await chosen(argument, vscode.l10n.t('Which run?')))?.id;
    if (one === undefined) return;
    const title = vscode.l10n.t('Compare {0} with which run?', one);
    const other = several.find((id) => id !== one) ?? runIdOf(selected) ?? (await chosen(undefined, title, one))?.id;
    if (other === undefined) {
      if (runs.all.length < 2) throw new CommandError(vscode.l10n.t('There is only one run: nothing to compare it with.'));
      return;
    }
    const [first, second] = [one, other].sort();
    if (first !== undefined && second !== undefined) compared.open({ runs: [first, second] });
  }

  /** Of a run, of a folder, or of the newest run that built one; else a folder is asked for. */
  async function tryModel(argument?: unknown): Promise<void> {
    const id = runIdOf(argument);
    const run = id === undefined ? undefined : await runs.complete(id);
    const folder = run === undefined ? uriOf(argument)?.fsPath : modelOf(run);
    if (folder !== undefined) {
      models.open({ folder, run: run?.folder ?? madeBy(folder)?.folder ?? null });
    } else if (run !== undefined) {
      throw new CommandError(vscode.l10n.t('This run built no model to try.'));
    } else {
      await chooseModel();
    }
  }

  async function chooseModel(): Promise<void> {
    const folder = await pickModelFolder(runs.all);
    if (folder !== undefined) models.open({ folder, run: madeBy(folder)?.folder ?? null });
  }

  function madeBy(folder: string): RunView | undefined {
    return runs.all.find((run) => modelOf(run) === folder || run.outputDir === folder);
  }

  /** The run of the call, or one that is picked; `but`: not that one. */
  async function chosen(argument: unknown, title: string, but?: string): Promise<RunView | undefined> {
    return (await chosenRuns(services, argument, undefined, title, ({ id }) => id !== but))[0];
  }

  return vscode.Disposable.from(
    shown, plans, compared, models,
    registerCommands(services, { openRun, showPlan, compareRuns, tryModel }),
  );
}
