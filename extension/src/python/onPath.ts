/** The Python programs of the PATH, the usual names first. No `vscode` here. */

import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import * as path from 'node:path';

const NAMES = ['python3', 'python', ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)];
/** Where they are on a Mac whose window was not started from a terminal. */
const MORE_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin'];

/** Each once, in the order in which they are to be tried. Folders that are not absolute are left out. */
export function pythonsOnPath(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const windows = platform === 'win32';
  const written = (environment.PATH ?? environment.Path ?? '').split(path.delimiter);
  const folders = [...written, ...(windows ? [] : MORE_FOLDERS)].filter((folder) => path.isAbsolute(folder));
  const names = windows ? [...NAMES.map((name) => `${name}.exe`), 'py.exe'] : NAMES;
  return [...new Set(names.flatMap((name) => folders.map((folder) => path.join(folder, name))))].filter(canRun);
}

/** Each program once, whatever the names that lead to it; virtual environments are programs of their own. */
export function differing(programs: readonly string[]): string[] {
  const known = new Map<string, string>();
  for (const program of programs) {
    const folder = path.dirname(path.dirname(program));
    const own = existsSync(path.join(folder, 'pyvenv.cfg')) ? path.join(folder, 'pyvenv.cfg') : realpathSync(program);
    if (!known.has(own)) {
      known.set(own, program);
    }
  }
  return [...known.values()];
}

/** A program of this path, or the first of this name on the PATH; undefined where there is none. */
export function whereIs(written: string, environment: NodeJS.ProcessEnv): string | undefined {
  if (path.isAbsolute(written)) {
    return canRun(written) ? written : undefined;
  }
  if (/[\\/]/.test(written)) {
    return undefined;
  }
  const folders = (environment.PATH ?? environment.Path ?? '').split(path.delimiter).filter((one) => path.isAbsolute(one));
  return folders.flatMap((folder) => [path.join(folder, written), path.join(folder, `${written}.exe`)]).find(canRun);
}

function canRun(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return statSync(program).isFile();
  } catch {
    return false;
  }
}
