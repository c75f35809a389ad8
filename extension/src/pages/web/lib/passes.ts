/** The passes of a run, each with its state, its time and how far it is. */

import { attribute, h, keyed, part, show, text } from './dom.ts';
import { icon, type Icon } from './icons.ts';
import { link } from './buttons.ts';
import { format, send, t } from './page.ts';
import type { PassState } from '../../../runs/view.ts';
import type { ShownPass } from '../../runState.ts';

const ICONS: Record<PassState, Icon> = {
  waiting: 'circle', running: 'spin', cached: 'bolt', done: 'check', failed: 'error', cancelled: 'stop', skipped: 'skip',
};

export function passList(): HTMLOListElement {
  return h('ol.passes');
}

/** `now`: ms on the clock of the machine that runs. */
export function updatePasses(list: HTMLElement, passes: readonly ShownPass[], now: number): void {
  const longest = Math.max(...passes.map((pass) => secondsOf(pass, now) ?? 0), 0.001);
  keyed(list, passes, (pass) => pass.name, createRow, (row, pass) => { updateRow(row, pass, now, longest); });
}

export function secondsOf(pass: ShownPass, now: number): number | null {
  if (pass.seconds !== null) return pass.seconds;
  return pass.state === 'running' && pass.started !== null ? Math.max(0, now - pass.started) / 1000 : null;
}

/** `40/150 steps`, `1.2 GB/3.1 GB`; empty for what is done in one go. */
export function amountDone(pass: ShownPass): string {
  if (pass.total === 1 || (pass.total === null && pass.done === 0)) return '';
  const shown = pass.unit === 'byte' ? format.bytes : format.count;
  const known: Record<string, string> = { step: t('unitSteps'), layer: t('unitLayers'), byte: '' };
  const unit = known[pass.unit] ?? pass.unit;
  const amount = pass.total === null ? shown(pass.done) : `${shown(pass.done)}/${shown(pass.total)}`;
  return unit === '' ? amount : `${amount} ${unit}`;
}

export function phaseName(phase: string): string {
  const known: Record<string, string> = {
    imports: t('phaseImports'), load: t('phaseLoad'), data: t('phaseData'), quantise: t('phaseQuantise'),
    train: t('phaseTrain'), merge: t('phaseMerge'), build: t('phaseBuild'), save: t('phaseSave'),
  };
  return known[phase] ?? phase;
}

export function stateName(state: PassState): string {
  const names: Record<PassState, string> = {
    waiting: t('passWaiting'), running: t('passRunning'), cached: t('passCached'), done: t('passDone'),
    failed: t('passFailed'), cancelled: t('passCancelled'), skipped: t('passSkipped'),
  };
  return names[state];
}

function createRow(pass: ShownPass): HTMLElement {
  return h('li.pass', {},
    h('span.pass-icon'),
    h('div.pass-body', {},
      h('div.pass-head', {},
        link(pass.name, () => { send({ type: 'do', action: 'pass', name: pass.name }); }, t('showInConfig')),
        h('span.pass-type'), h('span.pass-time')),
      h('div.bar', { 'aria-hidden': 'true' }, h('div.bar-fill')),
      h('div.pass-detail')));
}

function updateRow(row: HTMLElement, pass: ShownPass, now: number, longest: number): void {
  const symbol = part(row, '.pass-icon');
  if (row.dataset['state'] !== pass.state) {
    row.dataset['state'] = pass.state;
    symbol.replaceChildren(icon(ICONS[pass.state]));
  }
  const seconds = secondsOf(pass, now);
  text(part(row, '.pass-type'), pass.type);
  text(part(row, '.pass-time'), seconds === null ? '' : format.duration(seconds));
  const fill = part(row, '.bar-fill');
  const running = pass.state === 'running';
  const total = running && pass.total !== null && pass.total > 1 ? pass.total : null;
  const share = total !== null ? pass.done / total : running ? 1 : (seconds ?? 0) / longest;
  fill.style.width = `${Math.min(100, Math.max(0, share * 100)).toFixed(1)}%`;
  fill.classList.toggle('unknown', running && total === null);
  show(part(row, '.bar'), running || (seconds !== null && seconds > 0 && pass.state !== 'cached'));
  text(part(row, '.pass-detail'), detail(pass));
  attribute(row, 'aria-current', running ? 'step' : false);
}

function detail(pass: ShownPass): string {
  const parts = [stateName(pass.state)];
  if (pass.state === 'running') {
    if (pass.phase !== '') parts[0] = phaseName(pass.phase);
    parts.push(amountDone(pass));
    if (pass.secondsLeft !== null) parts.push(t('timeLeft', format.duration(pass.secondsLeft)));
  }
  if (pass.memory !== null && pass.state !== 'cached') parts.push(t('memoryOf', format.bytes(pass.memory)));
  if (pass.gpuMemory !== null) parts.push(t('gpuMemoryOf', format.bytes(pass.gpuMemory)));
  return parts.filter((one) => one !== '').join(' · ');
}
