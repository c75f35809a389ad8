/**
 * The output channel "Olive Run": the log of one run, the selected one or else the newest that goes on here.
 *
 * Lines are added in batches, at most ten a second, and the oldest go when there are too many.
 */

import * as vscode from 'vscode';
import { lineText } from '../pages/logText.ts';
import type { Services } from '../services.ts';
import { isHere } from './here.ts';
import type { LogEntry, RunView } from './view.ts';

const MOST = 50_000;

export interface RunLog {
  readonly dispose: () => void;
  /** The channel shows this run from now on. */
  readonly select: (id: string) => void;
  /** The same, and the channel comes to the front; what was not read of the run's log is read. */
  readonly show: (id: string) => Promise<void>;
}

export function makeRunLog({ runs, log }: Services): RunLog {
  const channel = vscode.window.createOutputChannel(vscode.l10n.t('Olive Run'), 'log');
  let shown: string | undefined;
  let selected: string | undefined;
  /** Entries of the run's log that were taken. */
  let taken = 0;
  /** Lines in the channel. */
  let lines = 0;

  const begin = (run: RunView): void => {
    shown = run.id;
    taken = 0;
    lines = 0;
    channel.replace(`${heading(run)}\n`);
  };
  const update = (): void => {
    const wanted =
      (selected === undefined ? undefined : runs.get(selected)) ??
      runs.all.find((run) => !run.final && isHere(run)) ??
      (shown === undefined ? undefined : runs.get(shown));
    if (wanted === undefined) {
      return;
    }
    if (wanted.id !== shown) {
      begin(wanted);
    }
    const entries = wanted.log.since(taken);
    const missed = wanted.log.total - taken - entries.length;
    taken = wanted.log.total;
    if (entries.length === 0) {
      return;
    }
    const gap = missed > 0 ? `${vscode.l10n.t('... {0} lines left out here are in the full log', missed)}\n` : '';
    if (lines + entries.length > MOST) {
      const kept = wanted.log.toArray();
      channel.replace(`${heading(wanted)}\n${kept.map(lineOf).join('')}`);
      lines = kept.length;
    } else {
      channel.append(gap + entries.map(lineOf).join(''));
      lines += entries.length;
    }
  };
  const subscription = runs.onDidChange(update);
  return {
    select(id) {
      selected = id;
      update();
    },
    async show(id) {
      selected = id;
      update();
      channel.show(true);
      try {
        await runs.complete(id);
        update();
      } catch (error) {
        log.warn(`The log of run ${id}: ${String(error)}`);
      }
    },
    dispose() {
      subscription.dispose();
      channel.dispose();
    },
  };
}

function heading(run: RunView): string {
  return vscode.l10n.t('Run {0} of {1}. Full log: {2}', run.id, run.config, `${run.folder}/worker.log`);
}

/** As VS Code colours logs: `2026-01-31 12:00:00.000 [info] lora: step 4 of 150`. */
function lineOf(entry: LogEntry): string {
  const time = new Date(entry.time);
  const stamp = new Date(entry.time - time.getTimezoneOffset() * 60_000).toISOString().slice(0, -1).replace('T', ' ');
  const pass = entry.pass === null ? '' : `${entry.pass}: `;
  return `${stamp} [${entry.level}] ${pass}${lineText(entry)}\n`;
}
