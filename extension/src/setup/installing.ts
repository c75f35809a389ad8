/** Making an environment and installing into it: with progress, with cancel, and nothing half-made left behind. */

import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { bundled } from '../python/environment.ts';
import type { Services } from '../services.ts';
import { installation, progress, withoutSecrets, type Progress } from './pip.ts';
import { run, type Ended } from './processes.ts';

export interface Target {
  /** The interpreter that is installed into. */
  readonly python: string;
  /** A new virtual environment: the folder that is to be made, by this interpreter. */
  readonly create?: { readonly folder: string; readonly by: string };
}

export type Outcome = { readonly done: true } | { readonly done: false; readonly ended: Ended };

const PINNED = /^3\.(1[1-9]|[2-9]\d)\b/;

/** The interpreter in a virtual environment's folder. */
export function pythonIn(folder: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}

export function install(
  services: Services,
  target: Target,
  version: string,
  requirements: readonly string[],
  output: vscode.OutputChannel,
): Thenable<Outcome> {
  const { create } = target;
  const given = vscode.workspace.getConfiguration('olivepress').get<readonly string[]>('pipArguments', []);
  // The versions that are known to work together; older Pythons take what fits them.
  const constraints = PINNED.test(version) ? bundled(services.context, 'constraints.txt') : undefined;
  const pip = ['-m', 'pip', ...installation(requirements, given, constraints)];
  const options = {
    location: vscode.ProgressLocation.Notification,
    cancellable: true,
    title: vscode.l10n.t('Setting up the engine'),
  };
  return vscode.window.withProgress(options, async (report, token) => {
    const told = (line: string): void => {
      output.appendLine(withoutSecrets(line));
      const now = progress(line);
      if (now) {
        report.report({ message: inWords(now) });
      }
    };
    const step = (command: string, args: readonly string[]): Promise<Ended> => {
      output.appendLine(`> ${[command, ...args].map(withoutSecrets).join(' ')}`);
      return run({ command, args, env: process.env }, path.dirname(command), token, told);
    };
    if (create) {
      report.report({ message: vscode.l10n.t('creating {0}', create.folder) });
      const made = await step(create.by, ['-m', 'venv', create.folder]);
      if (made.code !== 0) {
        await fs.rm(create.folder, { recursive: true, force: true });
        return { done: false, ended: made };
      }
    }
    const installed = await step(target.python, pip);
    if (installed.code === 0 && !installed.cancelled) {
      return { done: true };
    }
    if (create) {
      report.report({ message: vscode.l10n.t('cleaning up') });
      await fs.rm(create.folder, { recursive: true, force: true });
    }
    return { done: false, ended: installed };
  });
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
