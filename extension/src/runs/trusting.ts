/**
 * Before anything runs: whether the workspace is trusted, and whether code that is not ours may run. The answer is kept
 * for as long as the config names the same files with the same content.
 */

import * as vscode from 'vscode';
import type { CodeOfConfig, ForeignCode } from '../protocol.ts';
import type { Services } from '../services.ts';

const KEPT = 'olivepress.allowedCode';
const MOST = 200;

/** In a workspace that is not trusted the remedy is offered. */
export async function workspaceTrusted(): Promise<boolean> {
  if (vscode.workspace.isTrusted) {
    return true;
  }
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const said = vscode.l10n.t(
    'This workspace is not trusted. A run executes what its config says, so nothing was started.',
  );
  if ((await vscode.window.showWarningMessage(said, manage)) === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
  return false;
}

/** What may run: nothing (`no`), the config without scripts of its own, or with them. */
export async function codeAllowed(services: Services, uri: vscode.Uri): Promise<'no' | 'plain' | 'scripts'> {
  const { code, digest } = await services.server.command<CodeOfConfig>('olivepress.code', { uri: uri.toString() });
  if (digest === '') {
    return 'plain';
  }
  const kept = services.context.workspaceState.get<readonly string[]>(KEPT, []);
  if (!kept.includes(digest)) {
    if (!(await ask(uri, code))) {
      return 'no';
    }
    await services.context.workspaceState.update(KEPT, [...kept, digest].slice(-MOST));
  }
  return code.some(({ kind }) => kind === 'script') ? 'scripts' : 'plain';
}

async function ask(uri: vscode.Uri, code: readonly ForeignCode[]): Promise<boolean> {
  const [run, look] = [vscode.l10n.t('Run'), vscode.l10n.t('Show the Code')];
  const list = code.map((one) => `• ${describe(one)}`).join('\n');
  const detail = vscode.l10n.t(
    '{0}\n\nIt can do whatever you can do on this machine. You are asked again when it changes.', list,
  );
  const said = vscode.l10n.t('This config runs code of its own. Run it?');
  const answer = await vscode.window.showWarningMessage(said, { modal: true, detail }, run, look);
  if (answer === look) {
    await show(uri, code);
  }
  return answer === run;
}

function describe({ kind, name, path }: ForeignCode): string {
  if (kind === 'script') {
    return name;
  }
  return path === null
    ? vscode.l10n.t('code that comes with the model {0} (trust_remote_code)', name)
    : vscode.l10n.t('code in the model folder {0} (trust_remote_code)', name);
}

/** The file if it is one; else the place in the config that names it. */
async function show(uri: vscode.Uri, code: readonly ForeignCode[]): Promise<void> {
  for (const { path, line, column } of code) {
    if (path?.endsWith('.py')) {
      await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
    } else {
      const place = new vscode.Position(line - 1, column - 1);
      await vscode.window.showTextDocument(uri, { selection: new vscode.Range(place, place), preview: false });
    }
  }
}
