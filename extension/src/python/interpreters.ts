/**
 * Which Python is used: the one that the settings name, else the choice in the Python extension, else the first on the
 * PATH that is new enough. None of these is installed or changed here.
 */

import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Disposes, Interpreter, Interpreters } from '../services.ts';
import { differing, pythonsOnPath, whereIs } from './onPath.ts';
import { pythonExtension, type PythonExtension } from './pythonExtension.ts';
import { isEnough, NEEDED, stampOf, versionOf, type Found } from './versions.ts';

/** How long the Python extension, which may take long to start, is waited for; its choice is taken over later too. */
const PATIENCE = 1500;

export function makeInterpreters(log: vscode.LogOutputChannel): Interpreters & Disposes {
  const changed = new vscode.EventEmitter<void>();
  const asked = new Map<string, Promise<Found | undefined>>();
  let tooOld: Found | undefined;
  let searched: Promise<Interpreter | undefined> | undefined;
  let extension: Promise<PythonExtension | undefined> | undefined;
  let extensionIsHere = false;
  let late = false;
  const subscriptions: Disposes[] = [changed];

  /** Asked once for each state of the file. */
  const ask = (program: string): Promise<Found | undefined> => {
    const stamp = stampOf(program);
    const known = asked.get(stamp) ?? versionOf(program, path.basename(program) === 'py.exe' ? ['-3'] : []);
    asked.set(stamp, known);
    return known;
  };
  const enough = async (program: string, source: Interpreter['source']): Promise<Interpreter | undefined> => {
    const found = await ask(program);
    if (found && !isEnough(found.version)) {
      log.info(`Python ${found.version} is too old: ${found.path}`);
      tooOld = found;
    }
    return found && isEnough(found.version) ? { ...found, source } : undefined;
  };
  const search = async (): Promise<Interpreter | undefined> => {
    for (const program of pythonsOnPath(process.env, process.platform)) {
      const found = await enough(program, 'found');
      if (found) {
        return found;
      }
    }
    return undefined;
  };
  const askExtension = (): Promise<PythonExtension | undefined> => {
    extension ??= pythonExtension(log).then((given) => {
      if (given) {
        extensionIsHere = true;
        if (late) {
          changed.fire();
        }
        subscriptions.push(given.onDidChange(() => { changed.fire(); }));
      }
      return given;
    });
    return extension;
  };
  const chosenInExtension = async (scope: vscode.Uri | undefined): Promise<Interpreter | undefined> => {
    const before = extensionIsHere;
    const asking = askExtension();
    const given = before ? await asking : await Promise.race([asking, later(PATIENCE)]);
    if (!given && !extensionIsHere) {
      // Too late for this answer, not for the next one.
      late = true;
    }
    const program = await given?.chosen(scope);
    return program === undefined ? undefined : enough(program, 'python-extension');
  };
  const current = async (scope?: vscode.Uri): Promise<Interpreter | undefined> => {
    const written = vscode.workspace.getConfiguration('olivepress', scope ?? null).get('interpreter', '').trim();
    if (written) {
      const program = whereIs(expanded(written, scope), process.env);
      return program === undefined ? undefined : enough(program, 'setting');
    }
    searched ??= search();
    return (await chosenInExtension(scope)) ?? (await searched);
  };

  subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('olivepress.interpreter')) {
        changed.fire();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      extension = undefined;
      changed.fire();
    }),
  );
  return {
    current,
    onDidChange: changed.event,
    lacking() {
      searched = undefined;
      const written = vscode.workspace.getConfiguration('olivepress').get('interpreter', '').trim();
      if (tooOld) {
        const { version, path: where } = tooOld;
        return vscode.l10n.t(
          'Olive Press needs Python {0} or newer, and found Python {1} ({2}). Install a newer one, or select another interpreter.',
          NEEDED,
          version,
          where,
        );
      }
      return written
        ? vscode.l10n.t(
            'The setting olivepress.interpreter names {0}, which is not Python {1} or newer. Select another interpreter.',
            written,
            NEEDED,
          )
        : vscode.l10n.t(
            'Olive Press needs Python {0} or newer, and found none. Install one, or select an interpreter.',
            NEEDED,
          );
    },
    async all() {
      const known = (await (await askExtension())?.known()) ?? [];
      const programs = differing([...known, ...inFolders(), ...pythonsOnPath(process.env, process.platform)]);
      const found = await Promise.all(programs.map((program) => enough(program, 'found')));
      return found.filter((one) => one !== undefined);
    },
    dispose() {
      vscode.Disposable.from(...subscriptions).dispose();
    },
  };
}

/** `~`, `${workspaceFolder}` and `${env:NAME}`, as elsewhere in settings. */
function expanded(written: string, scope: vscode.Uri | undefined): string {
  const folder = (scope && vscode.workspace.getWorkspaceFolder(scope)) ?? vscode.workspace.workspaceFolders?.[0];
  const full = written
    .replace(/^~(?=$|[\\/])/, os.homedir())
    .replaceAll('${workspaceFolder}', folder?.uri.fsPath ?? '')
    .replace(/\$\{env:([^}]+)\}/g, (_, name: string) => process.env[name] ?? '');
  return /[\\/]/.test(full) && folder ? path.resolve(folder.uri.fsPath, full) : full;
}

/** Virtual environments in the open folders; their programs run only where the workspace is trusted. */
function inFolders(): string[] {
  if (!vscode.workspace.isTrusted) {
    return [];
  }
  const program = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  return folders
    .flatMap((folder) => ['.venv', '.venv-olive', 'venv', 'env'].map((name) => path.join(folder.uri.fsPath, name, ...program)))
    .filter((file) => stampOf(file) !== '');
}

function later(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, undefined));
}
