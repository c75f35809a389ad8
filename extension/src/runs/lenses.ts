/** A lens over each pass of a config: where it stands in the newest run. */

import * as vscode from 'vscode';
import { SELECTOR } from '../configs.ts';
import type { Services } from '../services.ts';
import { runsOf } from './here.ts';
import { passKeys } from './passKeys.ts';
import { passText } from './words.ts';

/** Milliseconds between two changes: lenses that change faster cannot be read. */
const CALM = 1000;

export function register({ configs, runs }: Services): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let timer: NodeJS.Timeout | undefined;
  const changeSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      changed.fire();
    }, CALM);
  };
  const isShown = (id: string): boolean => {
    const run = runs.get(id);
    return run === undefined || configs.all.some(({ uri }) => runsOf([run], uri).length > 0);
  };
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses(document) {
      const enabled = vscode.workspace.getConfiguration('olivepress', document).get<boolean>('codeLens.enabled', true);
      const run = runsOf(runs.all, document.uri)[0];
      if (!enabled || run === undefined || !configs.has(document)) {
        return [];
      }
      return passKeys(document.getText()).flatMap(({ name, start, end }) => {
        const pass = run.passes.find((one) => one.name === name);
        if (pass === undefined || (run.final && pass.state === 'skipped')) {
          return [];
        }
        const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
        return new vscode.CodeLens(range, {
          title: passText(pass),
          tooltip: vscode.l10n.t('Open the page of run {0}', run.id),
          command: 'olivepress.openRun',
          arguments: [run.id],
        });
      });
    },
  };
  return vscode.Disposable.from(
    changed,
    vscode.languages.registerCodeLensProvider(SELECTOR, provider),
    runs.onDidChange(({ ids }) => {
      if (ids.some(isShown)) {
        changeSoon();
      }
    }),
    configs.onDidChange(changeSoon),
    { dispose: () => { clearTimeout(timer); } },
  );
}
