/** Runs in the window: their commands, the view, lenses, the log, the status bar, notifications. */

import * as vscode from 'vscode';
import { registerCommands } from '../commands/registering.ts';
import { setContext } from '../contextKeys.ts';
import type { Services } from '../services.ts';
import { makeAwaited } from './awaited.ts';
import { chosenRuns } from './choosing.ts';
import { register as lenses } from './lenses.ts';
import { makeRunLog } from './logs.ts';
import { register as notifications } from './notifications.ts';
import { copyOutput, openOutput, revealConfig, revealError } from './results.ts';
import { makeStarting } from './starting.ts';
import { register as statusBar } from './statusBar.ts';
import { makeStopping } from './stopping.ts';
import { register as tree } from './tree.ts';

export function register(services: Services): vscode.Disposable {
  const awaited = makeAwaited(services.context, services.log);
  const log = makeRunLog(services);
  const starting = makeStarting(services, awaited, log);
  const stopping = makeStopping(services);

  const showRunLog = async (argument?: unknown): Promise<void> => {
    const [run] = await chosenRuns(services, argument, undefined, vscode.l10n.t('Which run?'), () => true);
    if (run !== undefined) {
      await log.show(run.id);
    }
  };
  return vscode.Disposable.from(
    log,
    registerCommands(services, {
      runOptimization: starting.run,
      run: starting.run,
      runFromPass: starting.runFrom,
      runUpToPass: starting.runUpTo,
      resumeRun: starting.resume,
      plan: (uri?: unknown, pass?: unknown) => vscode.commands.executeCommand('olivepress.showPlan', uri, pass),
      cancelRun: stopping.cancel,
      deleteRun: stopping.remove,
      openOutputFolder: (argument?: unknown) => openOutput(services, argument),
      copyOutputPath: (argument?: unknown) => copyOutput(services, argument),
      revealConfig: (argument?: unknown) => revealConfig(services, argument),
      revealError: (argument?: unknown) => revealError(services, argument),
      refreshRuns: () => services.runs.refresh(),
      showRunLog,
    }),
    contextKeys(services),
    tree(services),
    lenses(services),
    statusBar(services),
    notifications(services, awaited),
  );
}

function contextKeys({ runs }: Services): vscode.Disposable {
  let before = '';
  const set = (): void => {
    const [any, active] = [runs.all.length > 0, runs.all.some((run) => !run.final)];
    const now = `${String(any)} ${String(active)}`;
    if (now !== before) {
      before = now;
      setContext('olivepress.hasRuns', any);
      setContext('olivepress.runActive', active);
    }
  };
  set();
  return runs.onDidChange(set);
}
