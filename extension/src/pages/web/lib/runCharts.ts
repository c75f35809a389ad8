/** The charts of the run page: loss, learning rate, tokens a second, memory. */

import { createChart, legend, toggle, type Chart, type Curve } from './chart.ts';
import { h, show } from './dom.ts';
import { format, t } from './page.ts';
import { smooth, type Point } from '../../series.ts';
import { seriesKey, type RunPageState } from '../../runState.ts';

export interface ChartSettings { logScale: boolean; smoothing: number }

export interface RunCharts {
  readonly element: HTMLElement;
  /** The pass whose numbers are shown. */
  readonly pass: string;
  update(state: RunPageState): void;
}

/** Weights of the mean; 0: as measured, which is how it begins. */
const SMOOTHING: readonly number[] = [0, 0.6, 0.8, 0.9, 0.95];

export function createCharts(settings: ChartSettings, changed: () => void): RunCharts {
  const loss = createChart(t('loss'), format.value, t('noStepsYet'));
  const small: [string, string, Chart][] = [
    ['learning_rate', t('learningRate'), createChart(t('learningRate'), format.value, t('noStepsYet'))],
    ['tokens_per_second', t('tokensPerSecond'), createChart(t('tokensPerSecond'), format.value, t('noStepsYet'))],
  ];
  const memory = createChart(t('memory'), format.bytes, t('nothingMeasured'), 'time');
  const names = h('div.legend-place');
  const memoryNames = h('div.legend-place');
  let state: RunPageState | undefined;
  /** The pass that was chosen; '': the newest that measured a loss. */
  let chosen = '';
  let pass = '';
  const choice = h('select', { 'aria-label': t('passShown'), onchange: () => { chosen = choice.value; again(); } });
  const again = (): void => {
    changed();
    if (state !== undefined) update(state);
  };
  const smoothing = h('select', {
    'aria-label': t('smoothing'),
    onchange: () => {
      settings.smoothing = Number(smoothing.value);
      again();
    },
  }, ...SMOOTHING.map((weight) => h('option', { value: weight, selected: weight === settings.smoothing },
    weight === 0 ? t('smoothingOff') : t('smoothingOf', format.value(weight)))));
  const logScale = toggle(t('logScale'), settings.logScale, (pressed) => {
    settings.logScale = pressed;
    again();
  });
  const lossPanel = panel(t('loss'), loss, h('div.controls', {}, names, choice, smoothing, logScale));
  lossPanel.classList.add('wide');
  const smallPanels = small.map(([, title, chart]) => panel(title, chart));
  const memoryPanel = panel(t('memory'), memory, h('div.controls', {}, memoryNames));
  const element = h('div.charts', {}, lossPanel, ...smallPanels, memoryPanel);

  function update(next: RunPageState): void {
    state = next;
    const measured = next.facts.passes.map(({ name }) => name).filter((name) => seriesKey('loss', name) in next.series);
    pass = measured.includes(chosen) ? chosen : measured.at(-1) ?? '';
    updateChoice(measured);
    const points = (name: string): readonly Point[] => next.series[seriesKey(name, pass)] ?? [];
    const curves = lossCurves(points('loss'), points('eval_loss'));
    loss.update({ curves, log: settings.logScale });
    names.replaceChildren(...(curves.filter((curve) => curve.faint !== true).length > 1 ? [legend(curves)] : []));
    show(lossPanel, curves.length > 0 || willTrain(next));
    small.forEach(([name, title, chart], index) => {
      chart.update({ curves: [{ name: title, points: points(name), look: 'first' }], log: false });
      const place = smallPanels[index];
      if (place !== undefined) show(place, points(name).length > 0);
    });
    const held = memoryCurves(next);
    memory.update({ curves: held, log: false });
    memoryNames.replaceChildren(...(held.length > 1 ? [legend(held)] : []));
    show(memoryPanel, held.length > 0);
  }

  function updateChoice(measured: readonly string[]): void {
    show(choice, measured.length > 1);
    if (choice.options.length !== measured.length) {
      choice.replaceChildren(...measured.map((name) => h('option', { value: name }, name)));
    }
    choice.value = pass;
  }

  function lossCurves(measured: readonly Point[], evaluated: readonly Point[]): Curve[] {
    const curves: Curve[] = [];
    if (measured.length > 0 && settings.smoothing > 0) {
      curves.push({ name: t('loss'), points: measured, look: 'first', faint: true });
    }
    if (measured.length > 0) curves.push({ name: t('loss'), points: smooth(measured, settings.smoothing), look: 'first' });
    if (evaluated.length > 0) curves.push({ name: t('evalLoss'), points: evaluated, look: 'second' });
    return curves;
  }

  return { element, update, get pass() { return pass; } };
}

/** Memory is the whole run's: what its passes held, one after the other. */
export function memoryPoints(state: RunPageState, name: 'memory_bytes' | 'gpu_memory_bytes'): readonly Point[] {
  return state.facts.passes.flatMap((pass) => state.series[seriesKey(name, pass.name)] ?? []);
}

const TRAINING: ReadonlySet<string> = new Set(['LoRA', 'QLoRA', 'DoRA', 'LoftQ', 'LoHa', 'LoKr']);

function memoryCurves(state: RunPageState): Curve[] {
  const curves: Curve[] = [
    { name: t('memory'), points: memoryPoints(state, 'memory_bytes'), look: 'first' },
    { name: t('gpuMemory'), points: memoryPoints(state, 'gpu_memory_bytes'), look: 'second' },
  ];
  return curves.filter((curve) => curve.points.length > 1);
}

/** A pass that trains goes on or is still to come. */
function willTrain(state: RunPageState): boolean {
  return state.facts.passes.some((pass) => TRAINING.has(pass.type) && (pass.state === 'running' || pass.state === 'waiting'));
}

function panel(title: string, chart: Chart, controls?: HTMLElement): HTMLElement {
  return h('section.panel.chart-panel', { 'aria-label': title },
    h('div.panel-head', {}, h('h2', {}, title), controls), chart.element);
}
