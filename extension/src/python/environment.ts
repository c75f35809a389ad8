/**
 * How our Python is started: with the chosen interpreter, and with our packages from the extension's own folder.
 *
 * `bundled/launch.py` puts our packages first on the path, and third parties of the bundle first (the server's) or last
 * (where torch and the rest are the environment's).
 */

import * as path from 'node:path';
import type * as vscode from 'vscode';
import type { Interpreter, Services } from '../services.ts';

export type ImportStrategy = 'useBundled' | 'fromEnvironment';

export interface Command {
  readonly command: string;
  readonly args: string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Command, arguments and environment of `python -m MODULE ARGS` of ours: what trains, builds and asks models. Packages
 * are the environment's; what it lacks of the light ones, the bundle has.
 */
export function pythonCommand(
  services: Pick<Services, 'context'>,
  interpreter: Pick<Interpreter, 'path'>,
  module: string,
  args: readonly string[],
): Command {
  return {
    command: interpreter.path,
    args: ['-X', 'utf8', bundled(services.context, 'launch.py'), 'fromEnvironment', module, ...args],
    env: { ...process.env, PYTHONUTF8: '1', PYTHONUNBUFFERED: '1' },
  };
}

/** The language server, whose packages all come with the extension. */
export function serverCommand(
  context: vscode.ExtensionContext,
  interpreter: Pick<Interpreter, 'path'>,
  strategy: ImportStrategy,
  args: readonly string[],
): Command {
  // Nothing of the interpreter's environment is looked at, let alone run, unless it was asked for: it starts faster,
  // and whatever is installed there cannot break it.
  const isolated = strategy === 'useBundled' ? ['-I', '-S'] : [];
  return {
    command: interpreter.path,
    args: [...isolated, '-X', 'utf8', bundled(context, 'launch.py'), strategy, 'olive_server', ...args],
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  };
}

export function bundled(context: vscode.ExtensionContext, name: string): string {
  return path.join(context.extensionPath, 'bundled', name);
}
