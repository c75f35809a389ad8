/** Cancelling runs, and deleting what is kept of them. */

import * as vscode from 'vscode';
import { CommandError, type Services } from '../services.ts';
import { chosenRuns } from './choosing.ts';
import type { RunView } from './view.ts';
import { configName, nowText } from './words.ts';

export interface Stopping {
  readonly cancel: (argument?: unknown, selected?: unknown) => Promise<void>;
  readonly remove: (argument?: unknown, selected?: unknown) => Promise<void>;
}

export function makeStopping(services: Services): Stopping {
  /** Runs that were asked to stop, with their attempt. */
  const asked = new Map<string, number>();

  const cancelOne = async (run: RunView): Promise<void> => {
    let now = false;
    if (asked.get(run.id) === run.attempt) {
      const atOnce = vscode.l10n.t('Stop Now');
      const said = vscode.l10n.t('The run of {0} stops after its current step. Stop it now?', configName(run));
      const detail = vscode.l10n.t('What it has done since its last checkpoint is lost then.');
      if ((await vscode.window.showWarningMessage(said, { modal: true, detail }, atOnce)) !== atOnce || run.final) {
        return;
      }
      now = true;
    }
    asked.set(run.id, run.attempt);
    await services.server.command('olivepress.cancel', { run_id: run.id, now });
    vscode.window.setStatusBarMessage(vscode.l10n.t('{0} stops after its current step', configName(run)), 3000);
  };

  return {
    async cancel(argument, selected) {
      const title = vscode.l10n.t('Cancel which run?');
      const found = await chosenRuns(services, argument, selected, title, (run) => !run.final);
      if (found.length === 0) {
        void vscode.window.showInformationMessage(vscode.l10n.t('No run is active.'));
      }
      for (const run of found) {
        await cancelOne(run);
      }
    },
    async remove(argument, selected) {
      const title = vscode.l10n.t('Delete which run?');
      const found = await chosenRuns(services, argument, selected, title, (run) => run.final);
      const active = found.find((run) => !run.final);
      if (active !== undefined) {
        throw new CommandError(
          vscode.l10n.t('The run of {0} is still active ({1}). Cancel it first.', configName(active), nowText(active)),
        );
      }
      const [first] = found;
      if (first === undefined) {
        return;
      }
      const said =
        found.length === 1
          ? vscode.l10n.t('Delete run {0} of {1}?', first.id, configName(first))
          : vscode.l10n.t('Delete {0} runs?', found.length);
      const detail = vscode.l10n.t(
        'Logs, curves and checkpoints are deleted, and the runs can no longer be resumed. Results in output folders and the cache stay.',
      );
      const button = vscode.l10n.t('Delete');
      if ((await vscode.window.showWarningMessage(said, { modal: true, detail }, button)) === button) {
        for (const run of found) {
          await services.server.command('olivepress.delete', { run_id: run.id });
        }
      }
    },
  };
}
