/** Which runs belong to this window: those of configs in its folders, or of open ones. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RunView } from './view.ts';

export function isHere(run: RunView): boolean {
  const config = vscode.Uri.file(run.config);
  return (
    vscode.workspace.getWorkspaceFolder(config) !== undefined ||
    vscode.workspace.textDocuments.some(
      ({ uri }) => uri.scheme === 'file' && path.dirname(uri.fsPath) === path.dirname(config.fsPath),
    )
  );
}

export function isActive(run: RunView): boolean {
  return !run.final;
}

/** Newest first. */
export function runsOf(runs: readonly RunView[], config: vscode.Uri): readonly RunView[] {
  return runs.filter((run) => vscode.Uri.file(run.config).fsPath === config.fsPath);
}
