/**
 * The GPU in the status bar: its name, its memory and how busy it is, on the host where runs would be. Asked of
 * nvidia-smi now and then while a config is open or a run goes on; a host without it is asked once.
 */

import { execFile } from 'node:child_process';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { gpusOf, QUERY, summary, type Gpu } from './reading.ts';

const EVERY = 5000;
const PATIENCE = 4000;
const GIGABYTE = 1e9;

export function register({ configs, runs, log }: Services): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('olivepress.gpu', vscode.StatusBarAlignment.Right, 90);
  item.name = vscode.l10n.t('Olive Press: GPU');
  let timer: NodeJS.Timeout | undefined;
  let absent = false;

  const isWanted = (): boolean =>
    !absent &&
    vscode.window.state.focused &&
    (configs.all.length > 0 || runs.all.some(({ state }) => state === 'running'));
  const look = async (): Promise<void> => {
    timer = undefined;
    if (!isWanted()) {
      return;
    }
    const found = await ask();
    if (found === undefined) {
      absent = true;
      log.debug('nvidia-smi is not here: no GPU is shown');
      return;
    }
    show(item, found);
    timer ??= setTimeout(() => void look(), EVERY);
  };
  const wake = (): void => {
    if (!timer && isWanted()) {
      timer = setTimeout(() => void look(), 0);
    } else if (configs.all.length === 0 && !isWanted()) {
      item.hide();
    }
  };
  wake();
  return vscode.Disposable.from(
    item,
    configs.onDidChange(wake),
    runs.onDidChange(wake),
    vscode.window.onDidChangeWindowState(wake),
    { dispose: () => { clearTimeout(timer); absent = true; } },
  );
}

/** undefined where there is no nvidia-smi; none where it does not answer this time. */
function ask(): Promise<readonly Gpu[] | undefined> {
  return new Promise((resolve) => {
    execFile('nvidia-smi', QUERY, { timeout: PATIENCE, windowsHide: true }, (error, stdout) => {
      resolve(error?.code === 'ENOENT' ? undefined : gpusOf(stdout));
    });
  });
}

function show(item: vscode.StatusBarItem, gpus: readonly Gpu[]): void {
  const all = summary(gpus);
  if (!all) {
    item.hide();
    return;
  }
  const memory = `${inGigabytes(all.used)}/${inGigabytes(all.total)} GB`;
  item.text = `$(chip) ${all.name} ${memory}${all.use === undefined ? '' : ` ${all.use} %`}`;
  item.tooltip = gpus
    .map(({ name, used, total, use }) =>
      vscode.l10n.t('{0}: {1} of {2} GB in use, {3}% busy', name, inGigabytes(used), inGigabytes(total), use ?? '?'),
    )
    .join('\n');
  item.show();
}

function inGigabytes(bytes: number): string {
  const value = bytes / GIGABYTE;
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
