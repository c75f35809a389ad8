/**
 * How our Python is started: with the chosen interpreter, and with our packages from the extension's own folder.
 *
 * The server takes third parties from the bundle (`libs`). Workers and commands take them from the interpreter's
 * environment, where torch is: for them the bundle gives our own packages alone, by PYTHONPATH.
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

/** Command, arguments and environment of `python -m MODULE ARGS` of ours: what trains, builds and asks models. */
export function pythonCommand(
  services: Pick<Services, 'context'>,
  interpreter: Pick<Interpreter, 'path'>,
  module: string,
  args: readonly string[],
): Command {
  return {
    command: interpreter.path,
    args: ['-m', module, ...args],
    env: withPythonPath(bundled(services.context, 'app')),
  };
}

/** The language server, whose packages all come with the extension. */
export function serverCommand(
  context: vscode.ExtensionContext,
  interpreter: Pick<Interpreter, 'path'>,
  strategy: ImportStrategy,
  args: readonly string[],
): Command {
  const launch = bundled(context, 'launch.py');
  return {
    command: interpreter.path,
    args: ['-X', 'utf8', launch, strategy, 'olive_server', ...args],
    env: { ...process.env, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '' },
  };
}

export function bundled(context: vscode.ExtensionContext, name: string): string {
  return path.join(context.extensionPath, 'bundled', name);
}

function withPythonPath(folder: string): NodeJS.ProcessEnv {
  const others = (process.env.PYTHONPATH ?? '').split(path.delimiter).filter((one) => path.isAbsolute(one));
  return { ...process.env, PYTHONPATH: [folder, ...others].join(path.delimiter), PYTHONUTF8: '1' };
}
