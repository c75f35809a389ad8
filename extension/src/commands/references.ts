/** The lens "3 references": the places in the editor's own view. */

import * as vscode from 'vscode';

interface Position {
  readonly line: number;
  readonly character: number;
}

interface Location {
  readonly uri: string;
  readonly range: { readonly start: Position; readonly end: Position };
}

export async function showReferences(uri: string, position: Position, locations: readonly Location[]): Promise<void> {
  await vscode.commands.executeCommand(
    'editor.action.showReferences',
    vscode.Uri.parse(uri),
    new vscode.Position(position.line, position.character),
    locations.map(
      ({ uri: where, range: { start, end } }) =>
        new vscode.Location(
          vscode.Uri.parse(where),
          new vscode.Range(start.line, start.character, end.line, end.character),
        ),
    ),
  );
}
