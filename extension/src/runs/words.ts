/** How runs and passes are spoken of: in lenses, the view, the status bar and notifications alike. */

import * as vscode from 'vscode';
import { baseName, formats, type Formats } from '../pages/format.ts';
import type { RunState } from '../protocol.ts';
import type { PassProgress, PassState, PassView, RunView } from './view.ts';

let made: Formats | undefined;

/** Made when the first number is shown: the tables of a language take longer to load than all else at the start. */
function shown(): Formats {
  made ??= formats(vscode.env.language);
  return made;
}

export function configName(run: RunView): string {
  return baseName(run.config) || run.id;
}

export function stateWord(state: RunState): string {
  switch (state) {
    case 'queued':
      return vscode.l10n.t('starting');
    case 'running':
      return vscode.l10n.t('running');
    case 'succeeded':
      return vscode.l10n.t('succeeded');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'cancelled':
      return vscode.l10n.t('cancelled');
    case 'lost':
      return vscode.l10n.t('lost');
  }
}

/** `running step 40/150, loss 0.43, 12m left`, `done in 4m 12s`, `waiting`. */
export function passText(pass: PassView): string {
  switch (pass.state) {
    case 'waiting':
      return vscode.l10n.t('waiting');
    case 'running':
      return [vscode.l10n.t('running'), numbers(pass)].filter(Boolean).join(' ');
    case 'cached':
      return vscode.l10n.t('from the cache');
    case 'done':
      return (pass.seconds ?? 0) < 0.05
        ? vscode.l10n.t('done')
        : vscode.l10n.t('done in {0}', shown().duration(pass.seconds ?? 0));
    case 'failed':
      return vscode.l10n.t('failed');
    case 'cancelled':
      return vscode.l10n.t('cancelled');
    case 'skipped':
      return vscode.l10n.t('not run');
  }
}

/** `step 40/150, loss 0.43, 12m left`: what is known of them; the phase where nothing is counted. */
export function numbers(pass: PassView): string {
  const { progress, metrics } = pass;
  const counted = progress?.total !== undefined && progress.total !== null && progress.total > 1;
  const parts = [
    counted ? amount(progress) : phaseWord(progress?.phase ?? ''),
    progress?.phase === 'train' && metrics['loss'] !== undefined
      ? vscode.l10n.t('loss {0}', shown().value(metrics['loss']))
      : '',
    progress?.eta ? vscode.l10n.t('{0} left', shown().duration(progress.eta)) : '',
  ];
  return parts.filter(Boolean).join(', ');
}

/** `lora: step 40/150, loss 0.43, 12m left` of a run that goes on. */
export function nowText(run: RunView): string {
  const pass = run.passes.find((one) => one.state === 'running');
  if (pass === undefined) {
    return stateWord(run.state);
  }
  const told = numbers(pass);
  return told === '' ? pass.name : `${pass.name}: ${told}`;
}

/** One line on a run: where it stands, or how and when it ended. */
export function runText(run: RunView): string {
  if (!run.final) {
    return nowText(run);
  }
  const parts = [stateWord(run.state)];
  if (run.started !== null && run.finished !== null) {
    parts.push(shown().duration((run.finished - run.started) / 1000));
  }
  parts.push(shown().moment(run.created, new Date()));
  return parts.join(' · ');
}

export function metricText(name: string, value: number): string {
  return name.endsWith('_bytes') ? shown().bytes(value) : shown().value(value);
}

export function metricWord(name: string): string {
  const words: Readonly<Record<string, string>> = {
    loss: vscode.l10n.t('Loss'),
    eval_loss: vscode.l10n.t('Evaluation loss'),
    learning_rate: vscode.l10n.t('Learning rate'),
    grad_norm: vscode.l10n.t('Gradient norm'),
    tokens_per_second: vscode.l10n.t('Tokens per second'),
    memory_bytes: vscode.l10n.t('Memory'),
    gpu_memory_bytes: vscode.l10n.t('GPU memory'),
    epoch: vscode.l10n.t('Epoch'),
    step: vscode.l10n.t('Step'),
  };
  return words[name] ?? name;
}

export function artifactWord(kind: string): string {
  switch (kind) {
    case 'model':
      return vscode.l10n.t('Model');
    case 'adapter':
      return vscode.l10n.t('Adapter');
    case 'summary':
      return vscode.l10n.t('Summary');
    default:
      return kind;
  }
}

export const sizeText = (bytes: number): string => shown().bytes(bytes);
export const durationText = (seconds: number): string => shown().duration(seconds);

const RUN_ICONS: Readonly<Record<RunState, readonly [icon: string, color: string]>> = {
  queued: ['clock', 'charts.blue'],
  running: ['sync~spin', 'charts.blue'],
  succeeded: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  cancelled: ['circle-slash', 'disabledForeground'],
  lost: ['warning', 'list.warningForeground'],
};
const PASS_ICONS: Readonly<Record<PassState, readonly [icon: string, color: string]>> = {
  waiting: ['circle-outline', 'disabledForeground'],
  running: ['sync~spin', 'charts.blue'],
  cached: ['archive', 'testing.iconPassed'],
  done: ['check', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  cancelled: ['circle-slash', 'disabledForeground'],
  skipped: ['dash', 'disabledForeground'],
};

export function runIcon(state: RunState): vscode.ThemeIcon {
  const [icon, color] = RUN_ICONS[state];
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
}

export function passIcon(state: PassState): vscode.ThemeIcon {
  const [icon, color] = PASS_ICONS[state];
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
}

function amount({ done, total, unit }: PassProgress): string {
  const all = total ?? 0;
  if (unit === 'byte') {
    return vscode.l10n.t('{0} of {1}', shown().bytes(done), shown().bytes(all));
  }
  switch (unit) {
    case 'step':
      return vscode.l10n.t('step {0}/{1}', done, all);
    case 'layer':
      return vscode.l10n.t('layer {0}/{1}', done, all);
    default:
      return `${unit} ${done}/${all}`;
  }
}

function phaseWord(phase: string): string {
  switch (phase) {
    case 'imports':
      return vscode.l10n.t('loading packages');
    case 'load':
      return vscode.l10n.t('loading the model');
    case 'data':
      return vscode.l10n.t('preparing the data');
    case 'quantise':
      return vscode.l10n.t('quantising');
    case 'train':
      return vscode.l10n.t('training');
    case 'merge':
      return vscode.l10n.t('merging');
    case 'build':
      return vscode.l10n.t('building');
    case 'save':
      return vscode.l10n.t('saving');
    default:
      return phase;
  }
}
