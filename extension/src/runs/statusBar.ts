/** The status bar: the run of this window that goes on, else the newest of the host. Hidden while nothing runs. */

import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { isHere } from './here.ts';
import { configName, nowText } from './words.ts';

export function register({ runs }: Services): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('olivepress.run', vscode.StatusBarAlignment.Left, 20);
  item.name = vscode.l10n.t('Olive Runs');
  const show = (): void => {
    const active = runs.all.filter((run) => !run.final);
    const run = active.find(isHere) ?? active[0];
    if (run === undefined) {
      item.hide();
      return;
    }
    const more = active.length > 1 ? ` +${active.length - 1}` : '';
    const now = nowText(run);
    const where = isHere(run) ? '' : `${configName(run)}: `;
    item.text = `$(${run.state === 'queued' ? 'clock' : 'sync~spin'}) ${where}${now}${more}`;
    item.tooltip = active.map((one) => `${configName(one)}: ${nowText(one)}`).join('\n');
    item.accessibilityInformation = { label: vscode.l10n.t('Olive run of {0}: {1}', configName(run), now) };
    item.command = {
      title: vscode.l10n.t('Open Run'),
      command: 'olivepress.openRun',
      arguments: [run.id],
    };
    item.show();
  };
  show();
  return vscode.Disposable.from(item, runs.onDidChange(show), vscode.workspace.onDidChangeWorkspaceFolders(show));
}
