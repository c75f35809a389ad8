/** The section `olivepress` as the server gets it: what the user set, and what only the editor knows. */

import * as vscode from 'vscode';
import type { Interpreters } from '../services.ts';

export async function settingsOf(scope: vscode.Uri | undefined, interpreters: Interpreters): Promise<object> {
  const written = vscode.workspace.getConfiguration('olivepress', scope ?? null);
  const sections = ['checks', 'completion', 'hover', 'inlayHints', 'codeLens', 'semanticTokens'];
  const interpreter = await interpreters.current(scope);
  return {
    ...Object.fromEntries(sections.map((section) => [section, written.get(section)])),
    oliveVersion: written.get('oliveVersion'),
    python: interpreter?.path,
    trusted: vscode.workspace.isTrusted,
  };
}
