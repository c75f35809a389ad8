/** While a run goes on: one notification with a button to cancel it. At its end: how it ended, and what can be done. */

import * as vscode from 'vscode';
import { engineWouldHelp } from '../pages/engineCodes.ts';
import type { Services } from '../services.ts';
import type { Awaited } from './awaited.ts';
import { share, type RunView } from './view.ts';
import { configName, durationText, nowText } from './words.ts';

export function register(services: Services, awaited: Awaited): vscode.Disposable {
  const { runs } = services;
  const shown = new Set<string>();
  const telling = new Set<string>();
  const update = (): void => {
    for (const id of awaited.all) {
      const run = runs.get(id);
      if (run === undefined) {
        if (runs.loaded) {
          awaited.remove(id);
        }
      } else if (run.final) {
        if (!telling.has(id)) {
          telling.add(id);
          void windowIsThere().then(() => {
            awaited.remove(id);
            telling.delete(id);
            void tell(services, run);
          });
        }
      } else if (!shown.has(id)) {
        shown.add(id);
        void follow(services, run).finally(() => shown.delete(id));
      }
    }
  };
  return vscode.Disposable.from(runs.onDidChange(update), awaited.onDidAdd(update));
}

/**
 * Resolves once the window answers. A host may outlive its window by hours: what it said then would reach nobody, and
 * the next window would not say it.
 */
function windowIsThere(): Thenable<void> {
  return vscode.commands.executeCommand('setContext', 'olivepress.windowIsThere', true);
}

async function follow({ runs }: Services, run: RunView): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Olive: {0}', configName(run)),
    cancellable: true,
  };
  await vscode.window.withProgress(options, async (progress, token) => {
    let before = 0;
    const report = (): void => {
      const now = Math.floor(share(run) * 100);
      progress.report({ message: nowText(run), ...(now > before ? { increment: now - before } : {}) });
      before = Math.max(before, now);
    };
    report();
    token.onCancellationRequested(() => {
      void vscode.commands.executeCommand('olivepress.cancelRun', run.id);
    });
    await new Promise<void>((resolve) => {
      const subscription = runs.onDidChange(({ ids }) => {
        if (!ids.includes(run.id)) {
          return;
        }
        if (run.final || runs.get(run.id) === undefined) {
          subscription.dispose();
          resolve();
        } else {
          report();
        }
      });
    });
  });
}

async function tell(services: Services, run: RunView): Promise<void> {
  const name = configName(run);
  const actions = actionsOf(run);
  const titles = Object.keys(actions);
  const took =
    run.started !== null && run.finished !== null ? durationText((run.finished - run.started) / 1000) : '';
  const why = run.error === null ? '' : run.error.message;
  const answer = await (run.state === 'succeeded'
    ? vscode.window.showInformationMessage(
        vscode.l10n.t('{0} is done after {1}: {2}', name, took, run.outputDir ?? ''), ...titles,
      )
    : run.state === 'cancelled'
      ? vscode.window.showInformationMessage(vscode.l10n.t('{0} was cancelled.', name), ...titles)
      : vscode.window.showErrorMessage(vscode.l10n.t('{0} failed: {1}', name, why), ...titles));
  const action = answer === undefined ? undefined : actions[answer];
  if (action !== undefined) {
    services.log.debug(`Run ${run.id}: ${action[0]}`);
    await vscode.commands.executeCommand(`olivepress.${action[0]}`, action[1]);
  }
}

/** The title of each button, and the command that it means. */
function actionsOf(run: RunView): Readonly<Record<string, readonly [command: string, argument: unknown]>> {
  if (run.state === 'succeeded') {
    const builds = run.passes.at(-1)?.type === 'ModelBuilder';
    return {
      [vscode.l10n.t('Open Folder')]: ['openOutputFolder', run.id],
      [vscode.l10n.t('Copy Path')]: ['copyOutputPath', run.id],
      ...(builds ? { [vscode.l10n.t('Try the Model')]: ['tryModel', run.id] } : {}),
    };
  }
  if (run.state === 'cancelled') {
    return { [vscode.l10n.t('Resume')]: ['resumeRun', run.id] };
  }
  const lacks = engineWouldHelp(run.error?.code);
  return {
    ...(lacks ? { [vscode.l10n.t('Set Up Engine')]: ['setUpEngine', vscode.Uri.file(run.config)] } : {}),
    [vscode.l10n.t('Show Log')]: ['showRunLog', run.id],
    ...(run.state === 'lost'
      ? { [vscode.l10n.t('Resume')]: ['resumeRun', run.id] }
      : { [vscode.l10n.t('Go to Line')]: ['revealError', run.id] }),
  };
}
