/** Starting and resuming runs: what stands in the editor is run, saved or not. */

import * as vscode from 'vscode';
import { openAt } from '../pages/places.ts';
import type { RunArgument, Started } from '../protocol.ts';
import { CommandError, type Services } from '../services.ts';
import type { Awaited } from './awaited.ts';
import { chosenConfig, chosenPass, chosenRuns } from './choosing.ts';
import type { RunLog } from './logs.ts';
import { codeAllowed, workspaceTrusted } from './trusting.ts';

export interface Starting {
  readonly run: (argument?: unknown) => Promise<void>;
  readonly runFrom: (argument?: unknown, pass?: unknown) => Promise<void>;
  readonly runUpTo: (argument?: unknown, pass?: unknown) => Promise<void>;
  readonly resume: (argument?: unknown) => Promise<void>;
}

type Part = Pick<RunArgument, 'from' | 'to'>;

export function makeStarting(services: Services, awaited: Awaited, log: RunLog): Starting {
  const started = ({ run_id: id }: Started): void => {
    awaited.add(id);
    log.select(id);
  };

  const start = async (uri: vscode.Uri, part: Part): Promise<void> => {
    if (!(await workspaceTrusted())) {
      return;
    }
    const allowed = await codeAllowed(services, uri);
    if (allowed === 'no') {
      return;
    }
    const argument: RunArgument = { uri: uri.toString(), trustUserScript: allowed === 'scripts', ...part };
    const title = vscode.l10n.t('Starting the run...');
    const location = vscode.ProgressLocation.Window;
    started(
      await vscode.window.withProgress({ location, title }, () =>
        services.server.command<Started>('olivepress.run', argument),
      ),
    );
  };

  /** What stops a run is shown with what can be done about it. */
  const guarded = async (uri: vscode.Uri | undefined, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CommandError)) {
        throw error;
      }
      await refused(uri, error);
    }
  };

  const runPart = async (argument: unknown, choose: (uri: vscode.Uri) => Promise<Part | undefined>): Promise<void> => {
    const uri = await chosenConfig(services, argument);
    if (uri === undefined) {
      return;
    }
    const part = await choose(uri);
    if (part !== undefined) {
      await guarded(uri, () => start(uri, part));
    }
  };

  return {
    run: (argument) => runPart(argument, () => Promise.resolve({})),
    runFrom: (argument, pass) =>
      runPart(argument, async (uri) => {
        const title = vscode.l10n.t('Run from which pass? It and all later passes run again.');
        const from = await chosenPass(uri, pass ?? passOf(argument), title);
        return from === undefined ? undefined : { from };
      }),
    runUpTo: (argument, pass) =>
      runPart(argument, async (uri) => {
        const title = vscode.l10n.t('Run up to which pass? Later passes are left out.');
        const to = await chosenPass(uri, pass ?? passOf(argument), title);
        return to === undefined ? undefined : { to };
      }),
    async resume(argument) {
      const fits = ({ final, state }: { final: boolean; state: string }): boolean => final && state !== 'succeeded';
      const title = vscode.l10n.t('Resume which run?');
      const [run] = await chosenRuns(services, argument, undefined, title, fits);
      if (run === undefined) {
        void vscode.window.showInformationMessage(vscode.l10n.t('There is no run to resume.'));
        return;
      }
      const config = vscode.Uri.file(run.config);
      await guarded(config, async () => {
        if ((await workspaceTrusted()) && (!(await exists(config)) || (await codeAllowed(services, config)) !== 'no')) {
          started(await services.server.command<Started>('olivepress.resume', { run_id: run.id }));
        }
      });
    },
  };
}

async function refused(uri: vscode.Uri | undefined, { message, data }: CommandError): Promise<void> {
  const [first] = data.problems ?? [];
  const [go, problems, setUp] = [
    vscode.l10n.t('Go to Problem'), vscode.l10n.t('Show All Problems'), vscode.l10n.t('Set Up Engine'),
  ];
  const several = (data.problems?.length ?? 0) > 1;
  const buttons = [
    ...(uri !== undefined && first !== undefined ? [go] : []),
    ...(several ? [problems] : []),
    ...(data.code === 'worker-not-started' ? [setUp] : []),
  ];
  const answer = await vscode.window.showErrorMessage(message, ...buttons);
  if (answer === go && uri !== undefined && first !== undefined) {
    await openAt(uri.fsPath, first.line, first.column);
  } else if (answer === problems) {
    await vscode.commands.executeCommand('workbench.actions.view.problems');
  } else if (answer === setUp) {
    await vscode.commands.executeCommand('olivepress.setUpEngine', uri);
  }
}

function passOf(argument: unknown): unknown {
  return typeof argument === 'object' && argument !== null && 'pass' in argument ? argument : undefined;
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(() => true, () => false);
}
