/** Olive: Fix All. Applies every fix that is exact, as on save with `source.fixAll.olivepress`. */

import * as vscode from 'vscode';
import { CommandError, type Services } from '../services.ts';

const KIND = 'source.fixAll.olivepress';

export async function fixAll({ configs, server }: Services): Promise<void> {
  const document = configs.active;
  if (!document) {
    throw new CommandError(vscode.l10n.t('Open an Olive config (a JSON file) first.'));
  }
  await server.start();
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    whole,
    KIND,
    1,
  );
  const edit = actions.find((action) => action.kind?.value === KIND)?.edit;
  if (!edit || edit.size === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Nothing here can be fixed without a decision. The light bulb at each problem offers what there is to choose from.'),
    );
    return;
  }
  await vscode.workspace.applyEdit(edit);
}
