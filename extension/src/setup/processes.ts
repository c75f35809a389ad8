/** A program that is run to its end: its lines as they come, and a cancel that reaches its children too. */

import { spawn, spawnSync } from 'node:child_process';
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
  /** Milliseconds after which it is ended; for ever without it. */
  readonly patience?: number;
}

const running = new Set<() => void>();

/** Ends at once all that still run: with the window, nothing of ours may go on. */
export function endAll(): void {
  for (const end of running) {
    end();
  }
}

/** Never rejects: a program that is not there has ended with that line. */
export function run(
  { command, args, env, patience }: Program,
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
    if (child.pid === undefined) {
      return;
    }
    try {
      if (detached) {
        process.kill(-child.pid, name);
      } else {
        // There are no groups: what it started has to be named too.
        spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'], { windowsHide: true });
      }
    } catch {
      // It has just ended.
    }
  };
  const timers: NodeJS.Timeout[] = [];
  const end = (): void => {
    signal('SIGTERM');
    timers.push(setTimeout(() => { signal('SIGKILL'); }, GRACE));
  };
  const endNow = (): void => { signal('SIGKILL'); };
  running.add(endNow);
  const cancelling = token.onCancellationRequested(end);
  if (patience !== undefined) {
    timers.push(setTimeout(() => {
      take(`no answer within ${String(patience / 1000)} s`);
      end();
    }, patience));
  }
  return new Promise<Ended>((resolve) => {
    child.once('error', (error) => { take(error.message); });
    child.once('close', (code) => {
      timers.forEach(clearTimeout);
      running.delete(endNow);
      cancelling.dispose();
      resolve({ code, lines, cancelled: token.isCancellationRequested });
    });
  });
}
