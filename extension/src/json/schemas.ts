/**
 * The schema that VS Code's own JSON support uses for our files: everything while our server is down, nothing while it
 * is up, so that one of the two speaks.
 *
 * Two files of a file system of ours, which the JSON support reads and watches: the schema, and the list of files that
 * it holds for beside the usual names, since a workflow may have any name. Older versions of VS Code read no such list:
 * there the usual names alone have a schema.
 */

import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';

const SCHEME = 'olivepress-schema';
const SCHEMA = vscode.Uri.parse(`${SCHEME}://schemas/olive-config.schema.json`);
const LIST = vscode.Uri.parse(`${SCHEME}://schemas/associations.json`);
/** Any schema, even an empty one, keeps the JSON support from offering the keys that it saw elsewhere in the file. */
const SILENT = '{}';
const REMEMBERED = 'olivepress.configs';
const MOST = 200;

export function register({ context, server, configs }: Services): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const full = (): string => readFileSync(path.join(context.extensionPath, 'olive-config.schema.json'), 'utf8');
  const isSilent = (): boolean => server.state === 'running' || server.state === 'starting';
  let silent = isSilent();
  /** Those known from before too: the JSON support asks for the list before anything was looked at. */
  let names = context.workspaceState.get<string[]>(REMEMBERED, []);
  let versions = { schema: 1, list: 1 };

  const content = (uri: vscode.Uri): string => {
    switch (uri.path) {
      case SCHEMA.path:
        return silent ? SILENT : full();
      case LIST.path:
        return JSON.stringify({ schemas: [{ fileMatch: names, url: SCHEMA.toString() }] });
      default:
        throw vscode.FileSystemError.FileNotFound(uri);
    }
  };
  const tell = (uri: vscode.Uri): void => {
    changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  };
  const switchVoice = (): void => {
    if (silent !== isSilent()) {
      silent = isSilent();
      versions = { ...versions, schema: versions.schema + 1 };
      tell(SCHEMA);
    }
  };
  const list = (): void => {
    const found = configs.all.map((document) => asPattern(document.uri)).filter((name) => !names.includes(name));
    if (found.length) {
      names = [...found, ...names].slice(0, MOST);
      void context.workspaceState.update(REMEMBERED, names);
      versions = { ...versions, list: versions.list + 1 };
      tell(LIST);
    }
  };
  list();
  return vscode.Disposable.from(
    changed,
    server.onDidChangeState(switchVoice),
    configs.onDidChange(list),
    vscode.workspace.registerFileSystemProvider(SCHEME, readOnly(content, changed.event, () => versions), {
      isReadonly: true,
      isCaseSensitive: true,
    }),
  );
}

/** The JSON support compares whole uris, decoded, with patterns. */
function asPattern(uri: vscode.Uri): string {
  return uri.toString(true).replace(/[*?[\]{}()!+@|]/g, '?');
}

function readOnly(
  content: (uri: vscode.Uri) => string,
  changed: vscode.Event<vscode.FileChangeEvent[]>,
  versions: () => { schema: number; list: number },
): vscode.FileSystemProvider {
  const refuse = (uri: vscode.Uri): never => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };
  return {
    onDidChangeFile: changed,
    watch: () => new vscode.Disposable(() => undefined),
    stat(uri) {
      const mtime = uri.path === SCHEMA.path ? versions().schema : versions().list;
      return {
        type: vscode.FileType.File,
        ctime: 0,
        mtime,
        size: Buffer.byteLength(content(uri)),
        permissions: vscode.FilePermission.Readonly,
      };
    },
    readFile: (uri) => Buffer.from(content(uri)),
    readDirectory: () => [],
    createDirectory: refuse,
    writeFile: refuse,
    delete: refuse,
    rename: refuse,
  };
}
