/** What an interpreter is: asked of the program itself. No `vscode` here. */

import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';

/** Isolated: nothing of the folder, of the user's environment or of site-packages runs. */
const ASK = ['-I', '-S', '-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3]); print(sys.executable)'];
const PATIENCE = 10_000;

export interface Found {
  readonly path: string;
  readonly version: string;
}

export const NEEDED = '3.10';

/** Undefined where it is no Python 3, or does not answer. */
export async function versionOf(program: string, launcher: readonly string[] = []): Promise<Found | undefined> {
  return new Promise((resolve) => {
    const options = { timeout: PATIENCE, windowsHide: true, encoding: 'utf8' as const };
    execFile(program, [...launcher, ...ASK], options, (error, output) => {
      const [version, executable] = output.split(/\r?\n/);
      const good = !error && version !== undefined && /^3\.\d+\.\d+$/.test(version);
      // A virtual environment is the program in it, not what that links to; `py` is only a launcher.
      resolve(good ? { version, path: launcher.length && executable ? executable : program } : undefined);
    });
  });
}

/** Whether its answer would be the same as before: path, size and time of the file. */
export function stampOf(program: string): string {
  try {
    const { size, mtimeMs } = statSync(program);
    return `${program}|${size}|${mtimeMs}`;
  } catch {
    return '';
  }
}

export function isEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 3 && minor >= 10;
}
