/** Making an environment and installing into it: with progress, with cancel, and nothing half-made left behind. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { bundled } from '../python/environment.ts';
import type { EngineReport } from '../protocol.ts';
import type { Services } from '../services.ts';
import { installation, progress, troubleOf, withoutSecrets, type Progress } from './pip.ts';
import { begin, finish, pythonIn, remove } from './places.ts';
import { run, type Ended } from './processes.ts';

export interface Target {
  /** The interpreter that is installed into. */
  readonly python: string;
  /** A new virtual environment: the folder that is to be made, by this interpreter. */
  readonly create?: { readonly folder: string; readonly by: string };
}

export type Outcome = { readonly done: true } | { readonly done: false; readonly ended: Ended };

type Step = (command: string, args: readonly string[]) => Promise<Ended>;

const PINNED = /^3\.(1[1-9]|[2-9]\d)\b/;

export function install(
  services: Services,
  target: Target,
  report: EngineReport,
  output: vscode.OutputChannel,
): Thenable<Outcome> {
  const { create } = target;
  const options = {
    location: vscode.ProgressLocation.Notification,
    cancellable: true,
    title: vscode.l10n.t('Setting up the engine'),
  };
  return vscode.window.withProgress<Outcome>(options, async (shown, token) => {
    const told = (line: string): void => {
      output.appendLine(withoutSecrets(line));
      const now = progress(line);
      if (now) {
        shown.report({ message: inWords(now) });
      }
    };
    const step: Step = (command, args) => {
      output.appendLine(`> ${[command, ...args].map(withoutSecrets).join(' ')}`);
      return run({ command, args, env: process.env }, path.dirname(command), token, told);
    };
    try {
      let pip: readonly string[] = [target.python, '-m', 'pip'];
      if (create) {
        shown.report({ message: vscode.l10n.t('creating {0}', create.folder) });
        const made = await makeEnvironment(create, step);
        if ('ended' in made) {
          return { done: false, ended: made.ended };
        }
        pip = made.pip;
      }
      const ended = await installWith(pip, services, report, create === undefined, step);
      if (ended.code !== 0 || ended.cancelled) {
        return { done: false, ended };
      }
      if (create) {
        await finish(create.folder);
      }
      return { done: true };
    } catch (error) {
      // A folder that cannot be made or written to.
      const line = error instanceof Error ? error.message : String(error);
      output.appendLine(line);
      return { done: false, ended: { code: null, lines: [line], cancelled: false } };
    }
  }).then(async (outcome) => {
    if (!outcome.done && create) {
      await remove(create.folder);
    }
    return outcome;
  });
}

/** The pip of the new environment; where Python lacks what puts one in, that of the interpreter that makes it. */
async function makeEnvironment(
  { folder, by }: NonNullable<Target['create']>,
  step: Step,
): Promise<{ pip: readonly string[] } | { ended: Ended }> {
  await begin(folder);
  const made = await step(by, ['-m', 'venv', folder]);
  if (made.code === 0 && !made.cancelled) {
    return { pip: [pythonIn(folder), '-m', 'pip'] };
  }
  if (made.cancelled || troubleOf(made.lines) !== 'no-venv' || (await step(by, ['-m', 'pip', '--version'])).code !== 0) {
    return { ended: made };
  }
  await begin(folder);
  const bare = await step(by, ['-m', 'venv', '--without-pip', folder]);
  return bare.code === 0 && !bare.cancelled
    ? { pip: [by, '-m', 'pip', '--python', pythonIn(folder)] }
    : { ended: bare.cancelled ? bare : made };
}

async function installWith(
  [command = '', ...pip]: readonly string[],
  services: Services,
  { python, needs }: EngineReport,
  isUsed: boolean,
  step: Step,
): Promise<Ended> {
  if (isUsed && needs.replaces.length > 0) {
    // They carry the same files: what is removed later would take files of the new ones with it.
    const removed = await step(command, [...pip, 'uninstall', '--yes', ...needs.replaces]);
    if (removed.code !== 0 || removed.cancelled) {
      return removed;
    }
  }
  const given = vscode.workspace.getConfiguration('olivepress').get<readonly string[]>('pipArguments', []);
  // The versions that are known to work together; older Pythons take what fits them.
  const constraints = PINNED.test(python.version) ? bundled(services.context, 'constraints.txt') : undefined;
  const ended = await step(command, [...pip, ...installation(needs.requirements, given, constraints)]);
  // Where these are not to be had, newer ones may be.
  const isRefused = ended.code !== 0 && !ended.cancelled && ['conflict', 'no-package'].includes(troubleOf(ended.lines));
  return isRefused && constraints !== undefined
    ? step(command, [...pip, ...installation(needs.requirements, given, undefined)])
    : ended;
}

function inWords({ doing, what }: Progress): string {
  switch (doing) {
    case 'collecting':
      return vscode.l10n.t('looking for {0}', what);
    case 'downloading':
      return vscode.l10n.t('downloading {0}', what);
    case 'installing':
      return vscode.l10n.t('installing {0} packages', what);
  }
}
