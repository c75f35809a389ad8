/** What `olivepress doctor` finds in an interpreter's environment, for a config and for this machine. */

import type * as vscode from 'vscode';
import { bundled } from '../python/environment.ts';
import type { EngineReport, Hardware } from '../protocol.ts';
import { CommandError, type Services } from '../services.ts';
import { run } from './processes.ts';

/** Milliseconds: a program that answers later has a fault of its own. */
const PATIENCE = 120_000;

export interface Question {
  readonly python: string;
  /** Where it is asked, which says on which disk runs would be. */
  readonly folder: string;
  readonly config?: string | undefined;
  readonly hardware?: Hardware | undefined;
  /** Metadata alone, which takes a moment; otherwise torch and the runtime are started too. */
  readonly quick: boolean;
}

/** Rejects with CommandError where the interpreter does not do it. */
export async function examine(
  { context }: Pick<Services, 'context'>,
  { python, folder, config, hardware, quick }: Question,
  token: vscode.CancellationToken,
): Promise<EngineReport> {
  // Our own needs come from the bundle where the environment is still empty.
  const launch = [bundled(context, 'launch.py'), 'fromEnvironment', 'olivepress', 'doctor', '--json'];
  const about = [
    ...(quick ? ['--quick'] : []),
    ...(config ? ['--config', config] : []),
    ...(hardware ? ['--hardware', hardware] : []),
  ];
  const program = { command: python, args: ['-X', 'utf8', ...launch, ...about], env: process.env, patience: PATIENCE };
  const { lines } = await run(program, folder, token);
  try {
    return JSON.parse(lines.find((line) => line.startsWith('{')) ?? '') as EngineReport;
  } catch {
    throw new CommandError(`${python}: ${lines.at(-1) ?? 'no answer'}`);
  }
}
