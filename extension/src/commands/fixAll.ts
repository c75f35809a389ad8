/** Olive: Fix All. Applies every fix that is exact, as on save with `source.fixAll.olivepress`. */

import * as vscode from 'vscode';
import { CommandError, type Services } from '../services.ts';

const KIND = 'source.fixAll.olivepress';

export async function fixAll({ configs, server }: Services): Promise<void> {
  const document = configs.active;
  if (!document) {
    throw new CommandError(vscode.l10n.t('Open a config first: an Olive workflow as JSON.'));
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
      vscode.l10n.t('There is nothing that can be fixed without a decision of yours. The light bulb offers the rest.'),
    );
    return;
  }
  await vscode.workspace.applyEdit(edit);
}
