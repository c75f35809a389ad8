/** Where pages lead to: a line of a config, a pass in it, a file, a folder, the clipboard. */

import * as vscode from 'vscode';

/** A path as it is shown: short where it lies in an open folder. */
export function shownPath(path: string): string {
  return vscode.workspace.asRelativePath(vscode.Uri.file(path));
}

/** Lines and columns count from one; beside the page, so that both are seen. */
export async function openAt(path: string, line = 0, column = 1): Promise<void> {
  const place = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  await vscode.window.showTextDocument(vscode.Uri.file(path), {
    viewColumn: besidePage(),
    ...(line > 0 && { selection: new vscode.Range(place, place) }),
  });
}

/** A pass where the config defines it. */
export async function openPass(path: string, name: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  const text = document.getText();
  const start = Math.max(0, text.search(/"passes"\s*:/));
  const key = new RegExp(`"${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"\\s*:`, 'g');
  key.lastIndex = start;
  const found = key.exec(text);
  const place = document.positionAt(found?.index ?? start);
  await openAt(path, place.line + 1, place.character + 1);
}

/** A folder in the explorer if it is part of the workspace, else in the system's file manager. */
export async function openFolder(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  const inside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', uri);
}

export async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied'), 2000);
}

/** The group of editors that shows a text already, so that the page stays where it is. */
function besidePage(): vscode.ViewColumn {
  const visible = vscode.window.visibleTextEditors.find((editor) => editor.viewColumn !== undefined);
  return visible?.viewColumn ?? vscode.ViewColumn.Beside;
}
