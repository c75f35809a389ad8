/** Where an environment is made: a folder of its own, which is either whole, ours and unfinished, or somebody's. */

import * as fs from 'node:fs/promises';
import * as path from 'node:path';

export const FOLDER = '.venv-olive';
/** Lies in an environment until it is whole: a half-made one is made anew. */
const UNFINISHED = '.olivepress-unfinished';

/** The interpreter in a virtual environment's folder. */
export function pythonIn(folder: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}

/** The first of `.venv-olive`, `.venv-olive-2`, ... that is not there, or was left unfinished by one that is gone. */
export async function freeFolder(base: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const folder = path.join(base, number === 1 ? FOLDER : `${FOLDER}-${String(number)}`);
    if (!(await exists(folder)) || (await isLeft(folder))) {
      return folder;
    }
  }
}

/** Those that are there and whole. */
export async function madeFolders(base: string): Promise<string[]> {
  const names = await fs.readdir(base).catch(() => []);
  const made: string[] = [];
  for (const name of names.filter((one) => one.startsWith(FOLDER)).sort()) {
    const folder = path.join(base, name);
    if ((await exists(pythonIn(folder))) && !(await exists(path.join(folder, UNFINISHED)))) {
      made.push(folder);
    }
  }
  return made;
}

/** An empty folder, known to be unfinished, that version control leaves alone. */
export async function begin(folder: string): Promise<void> {
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(path.join(folder, UNFINISHED), String(process.pid));
  await fs.writeFile(path.join(folder, '.gitignore'), '*\n');
}

export async function finish(folder: string): Promise<void> {
  await fs.rm(path.join(folder, UNFINISHED), { force: true });
}

export async function remove(folder: string): Promise<void> {
  await fs.rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function isLeft(folder: string): Promise<boolean> {
  const maker = await fs.readFile(path.join(folder, UNFINISHED), 'utf8').catch(() => undefined);
  if (maker === undefined) {
    return false;
  }
  try {
    process.kill(Number(maker), 0);
    return Number(maker) === process.pid;
  } catch {
    return true;
  }
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(() => true, () => false);
}
