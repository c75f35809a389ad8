/** Texts of ours that are shown like files and cannot be changed: notes of a migration, debug information. */

import * as vscode from 'vscode';

const SCHEME = 'olivepress-text';
const texts = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

export function register(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => texts.get(uri.path) ?? '',
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === SCHEME) {
        texts.delete(uri.path);
      }
    }),
  );
}

/** Markdown, as it is written. The same name again shows the newer text in the same tab. */
export async function showText(name: string, text: string): Promise<void> {
  await vscode.window.showTextDocument(keep(name, text), { preview: false });
}

/** Markdown, rendered beside the editor. */
export async function showPage(name: string, text: string): Promise<void> {
  await vscode.commands.executeCommand('markdown.showPreviewToSide', keep(name, text));
}

function keep(name: string, text: string): vscode.Uri {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.md` });
  texts.set(uri.path, text);
  changed.fire(uri);
  return uri;
}
