/** A program that is run to its end: its lines as they come, and a cancel that reaches its children too. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type * as vscode from 'vscode';

const GRACE = 3000;
const KEPT = 400;

export interface Ended {
  /** null where it was ended by a signal, or could not be started. */
  readonly code: number | null;
  /** The last ones, of both its outputs. */
  readonly lines: readonly string[];
  readonly cancelled: boolean;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Never rejects: a program that is not there has ended with that line. */
export function run(
  { command, args, env }: Program,
  cwd: string,
  token: vscode.CancellationToken,
  onLine: (line: string) => void = () => undefined,
): Promise<Ended> {
  // A group of its own, so that what it started ends with it.
  const detached = process.platform !== 'win32';
  const child = spawn(command, args, { cwd, env, detached, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const lines: string[] = [];
  const take = (line: string): void => {
    lines.push(line);
    lines.splice(0, lines.length - KEPT);
    onLine(line);
  };
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', take);
  }
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (detached && child.pid !== undefined) {
        process.kill(-child.pid, name);
      } else {
        child.kill(name);
      }
    } catch {
      // It has just ended.
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const cancelling = token.onCancellationRequested(() => {
    signal('SIGTERM');
    timer = setTimeout(() => { signal('SIGKILL'); }, GRACE);
  });
  return new Promise<Ended>((resolve) => {
    child.once('error', (error) => { take(error.message); });
    child.once('close', (code) => {
      clearTimeout(timer);
      cancelling.dispose();
      resolve({ code, lines, cancelled: token.isCancellationRequested });
    });
  });
}
