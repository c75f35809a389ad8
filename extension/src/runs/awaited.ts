/**
 * The runs whose end the user is told of: those that were started or resumed here. Kept on the host, so that they are
 * told after a reload, and to whichever computer connects next.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';

const NAME = 'awaited-runs.json';
const MOST = 50;

export interface Awaited {
  readonly all: readonly string[];
  /** Some were added, or those kept from before were read. */
  readonly onDidAdd: vscode.Event<void>;
  readonly add: (id: string) => void;
  /** Its end was told. */
  readonly remove: (id: string) => void;
}

export function makeAwaited(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Awaited {
  const folder = context.storageUri?.fsPath;
  const added = new vscode.EventEmitter<void>();
  context.subscriptions.push(added);
  let all: readonly string[] = [];
  let writing = folder === undefined ? Promise.resolve() : read(path.join(folder, NAME)).then((kept) => {
    all = [...kept.filter((id) => !all.includes(id)), ...all];
    added.fire();
  });
  const keep = (next: readonly string[]): void => {
    all = next.slice(-MOST);
    if (folder !== undefined) {
      writing = writing.then(() => write(folder, all)).catch((error: unknown) => {
        log.debug(`${NAME}: ${String(error)}`);
      });
    }
  };
  return {
    get all() {
      return all;
    },
    onDidAdd: added.event,
    add(id) {
      keep([...all.filter((one) => one !== id), id]);
      added.fire();
    },
    remove(id) {
      if (all.includes(id)) {
        keep(all.filter((one) => one !== id));
      }
    },
  };
}

async function read(file: string): Promise<readonly string[]> {
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(found) ? found.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

async function write(folder: string, all: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, NAME), JSON.stringify(all));
}
