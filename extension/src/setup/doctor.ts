/** What `olivepress doctor` finds in an interpreter's environment, for a config and for this machine. */

import * as vscode from 'vscode';
import { bundled } from '../python/environment.ts';
import { CommandError, type Services } from '../services.ts';
import { run } from './processes.ts';

export type Hardware = 'cpu' | 'cuda' | 'directml';

export interface Report {
  readonly fine: boolean;
  readonly findings: readonly { readonly section: string; readonly state: string; readonly text: string }[];
  readonly python: {
    readonly version: string;
    readonly executable: string;
    /** A virtual environment, or one of conda's. */
    readonly virtual: boolean;
    /** The system's package manager keeps it: pip refuses. */
    readonly managed: boolean;
  };
  readonly needs: {
    readonly hardware: Hardware;
    readonly because: string;
    readonly extras: readonly string[];
    readonly requirements: readonly string[];
    readonly missing: readonly string[];
  };
  readonly gpus: readonly { readonly name: string }[];
}

/** Looks at metadata alone: it takes a moment. Rejects with CommandError where the interpreter does not do it. */
export async function examine(
  { context }: Pick<Services, 'context'>,
  python: string,
  folder: string,
  token: vscode.CancellationToken,
  config?: string,
  hardware?: Hardware,
): Promise<Report> {
  // Our own needs come from the bundle where the environment is still empty.
  const launch = [bundled(context, 'launch.py'), 'fromEnvironment', 'olivepress', 'doctor', '--quick', '--json'];
  const about = [...(config ? ['--config', config] : []), ...(hardware ? ['--hardware', hardware] : [])];
  const { lines } = await run(
    { command: python, args: ['-X', 'utf8', ...launch, ...about], env: process.env },
    folder,
    token,
  );
  try {
    return JSON.parse(lines.find((line) => line.startsWith('{')) ?? '') as Report;
  } catch {
    throw new CommandError(`${python}: ${lines.at(-1) ?? vscode.l10n.t('no answer')}`);
  }
}
