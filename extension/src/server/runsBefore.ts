/**
 * Whether runs of configs in these folders were ever started, before any server is there to say so: from the engine's
 * list of runs (`olive_engine.runs.index`) and from the folders themselves. A few small files are read, nothing is
 * searched: a folder may be as large as it likes. No `vscode` here.
 */

import { access, readFile, readdir } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';

/** The newest, which sort last. */
const MOST = 200;

export async function hasRuns(folders: readonly string[], environment: NodeJS.ProcessEnv): Promise<boolean> {
  const [own, listed] = await Promise.all([
    Promise.all(folders.map((folder) => filesOf(path.join(folder, '.olivepress', 'runs')))),
    listedRuns(path.join(stateFolder(environment), 'runs')),
  ]);
  if (own.some((names) => names.length > 0)) {
    return true;
  }
  const here = listed.filter(({ config }) => folders.some((folder) => config.startsWith(folder + path.sep)));
  const there = await Promise.all(here.map(({ folder }) => exists(folder)));
  return there.includes(true);
}

/** As `state_folder` of the engine. */
export function stateFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (environment.XDG_STATE_HOME) {
    return path.join(environment.XDG_STATE_HOME, 'olivepress');
  }
  const home = os.homedir();
  if (platform === 'win32') {
    return path.join(environment.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'olivepress', 'state');
  }
  return platform === 'darwin'
    ? path.join(home, 'Library', 'Application Support', 'olivepress')
    : path.join(home, '.local', 'state', 'olivepress');
}

interface Listed {
  readonly config: string;
  readonly folder: string;
}

async function listedRuns(place: string): Promise<Listed[]> {
  const names = (await filesOf(place)).filter((name) => name.endsWith('.json')).sort();
  const texts = names.slice(-MOST).map((name) => readFile(path.join(place, name), 'utf8').catch(() => ''));
  return (await Promise.all(texts)).flatMap((text) => {
    try {
      const { config, folder } = JSON.parse(text) as Partial<Listed>;
      return typeof config === 'string' && typeof folder === 'string' ? [{ config, folder }] : [];
    } catch {
      return [];
    }
  });
}

function filesOf(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(() => true, () => false);
}
