/** Two runs beside each other: curves in one chart, what differs in their configs, times, numbers, artifacts. */

import { artifactName } from './lib/artifacts.ts';
import { link } from './lib/buttons.ts';
import { createChart, legend, toggle, type Curve } from './lib/chart.ts';
import { breakable, h, show } from './lib/dom.ts';
import { format, listen, remember, remembered, send, t } from './lib/page.ts';
import { smooth, type Point } from '../series.ts';
import type { CompareState, ComparedRun } from '../pageStates.ts';

const page = remembered({ curve: 'loss', logScale: false, smoothing: 0 });

let state: CompareState | undefined;
const looks = ['first', 'second'] as const;
const names: Record<string, string> = {
  loss: t('loss'), eval_loss: t('evalLoss'), learning_rate: t('learningRate'), tokens_per_second: t('tokensPerSecond'),
};
const chart = createChart(t('curves'), format.value, t('noCurves'));
const legendPlace = h('div');
const choice = h('select', { 'aria-label': t('curveShown'), onchange: () => { set({ curve: choice.value }); } });
const smoothing = h('select', { 'aria-label': t('smoothing'), onchange: () => { set({ smoothing: Number(smoothing.value) }); } },
  ...[0, 0.6, 0.8, 0.9, 0.95].map((weight) => h('option', { value: weight, selected: weight === page.smoothing },
    weight === 0 ? t('smoothingOff') : t('smoothingOf', format.value(weight)))));
const logScale = toggle(t('logScale'), page.logScale, (pressed) => { set({ logScale: pressed }); });
const chartPanel = h('section.panel.wide', { 'aria-label': t('curves') },
  h('div.panel-head', {}, h('h2', {}, t('curves')), h('div.controls', {}, legendPlace, choice, smoothing, logScale)), chart.element);
const heads = h('div.compared');
const tables = h('div.tables');

document.body.append(h('main', {}, h('header.top', {}, h('h1', {}, t('compare'))), heads, chartPanel, tables));

listen<{ readonly type: 'state'; readonly state: CompareState }>((message) => {
  state = message.state;
  draw(state);
});
send({ type: 'ready' });

function set(change: Partial<typeof page>): void {
  Object.assign(page, change);
  remember(page);
  if (state !== undefined) drawChart(state);
}

function draw(now: CompareState): void {
  heads.replaceChildren(...now.runs.map((run, index) => head(run, looks[index] ?? 'first')));
  const measured = Object.keys(names).filter((name) => now.runs.some((run) => run.series[name] !== undefined));
  choice.replaceChildren(...measured.map((name) => h('option', { value: name }, names[name] ?? name)));
  if (!measured.includes(page.curve)) page.curve = measured[0] ?? 'loss';
  choice.value = page.curve;
  show(chartPanel, measured.length > 0);
  drawChart(now);
  tables.replaceChildren(changes(now), numbers(now), times(now), artifacts(now));
}

function head(run: ComparedRun, look: 'first' | 'second'): HTMLElement {
  return h('section.panel.compared-run', { 'aria-label': run.id },
    h('div.title-line', {}, h(`span.swatch.${look}`), h('h2', {}, link(run.name, () => {
      send({ type: 'do', action: 'openRun', id: run.id });
    }, t('openRun')))),
    h('p.subtitle', {}, [
      stateName(run), run.started === null ? '' : format.moment(run.started, new Date()), run.id,
    ].filter((one) => one !== '').join(' · ')));
}

function stateName({ state: is }: ComparedRun): string {
  return {
    queued: t('stateQueued'), running: t('stateRunning'), succeeded: t('stateSucceeded'), failed: t('stateFailed'),
    cancelled: t('stateCancelled'), lost: t('stateLost'),
  }[is];
}

/** Two runs of the same config are told apart by their ids. */
function titles({ runs: [one, other] }: CompareState): [string, string] {
  return one.name === other.name ? [one.id, other.id] : [one.name, other.name];
}

function drawChart(now: CompareState): void {
  const called = titles(now);
  const curves = now.runs.flatMap((run, index): Curve[] => {
    const points: readonly Point[] = run.series[page.curve] ?? [];
    const look = looks[index] ?? 'first';
    const name = called[index] ?? run.id;
    return [
      ...(page.smoothing > 0 && points.length > 0 ? [{ name, points, look, faint: true }] : []),
      { name, points: smooth(points, page.smoothing), look },
    ];
  });
  chart.update({ curves, log: page.logScale });
  legendPlace.replaceChildren(legend(curves));
}

function changes(now: CompareState): HTMLElement {
  const found = now.changes;
  return panel(t('configChanges'), found === null
    ? h('p.empty', {}, t('configUnreadable'))
    : found.length === 0
      ? h('p.empty', {}, t('configSame'))
      : table(now, t('key'), found.map(({ key, values }) => [
        h('span', {}, ...breakable(key)), ...values.map((value) => (value === null ? h('span.missing', {}, t('notWritten')) : h('code', {}, value))),
      ])));
}

function numbers(now: CompareState): HTMLElement {
  const duration = format.duration;
  const rows: [string, (run: ComparedRun) => number | null | undefined, (value: number) => string][] = [
    [t('time'), (run) => run.seconds, duration],
    [t('firstLoss'), (run) => run.metrics['first_loss'], format.value],
    [t('lastLoss'), (run) => run.metrics['loss'], format.value],
    [t('evalLoss'), (run) => run.metrics['eval_loss'], format.value],
    [t('steps'), (run) => run.metrics['step'], format.count],
    [t('tokensPerSecond'), (run) => run.metrics['tokens_per_second'], (value) => format.value(Math.round(value))],
    [t('peakMemory'), (run) => run.metrics['peak_memory_bytes'], format.bytes],
    [t('peakGpuMemory'), (run) => run.metrics['peak_gpu_memory_bytes'], format.bytes],
  ];
  const shown = rows.flatMap(([name, value, words]): Cell[][] => {
    const values = now.runs.map((run) => value(run) ?? null);
    const [one, other] = values;
    if (values.every((each) => each === null)) return [];
    const change = typeof one === 'number' && typeof other === 'number' && one > 0 && other !== one
      ? `${other > one ? '+' : '−'}${format.percent(Math.abs(other - one) / one)}` : '';
    return [[name, ...values.map((each) => (each === null ? '' : words(each))), change]];
  });
  return panel(t('numbers'), table(now, t('measure'), shown, t('change')));
}

function times(now: CompareState): HTMLElement {
  const passes = [...new Set(now.runs.flatMap((run) => run.passes.map(({ name }) => name)))];
  return panel(t('passTimes'), table(now, t('pass'), passes.map((name) => [name, ...now.runs.map((run) => {
    const pass = run.passes.find((one) => one.name === name);
    if (pass === undefined) return '';
    return pass.cached ? t('passCached') : pass.seconds === null ? '' : format.duration(pass.seconds);
  })])));
}

function artifacts(now: CompareState): HTMLElement {
  const kinds = [...new Set(now.runs.flatMap((run) => run.artifacts.map(({ kind }) => kind)))];
  return panel(t('artifacts'), kinds.length === 0 ? h('p.empty', {}, t('noneMade')) : table(now, t('artifact'), kinds.map((kind) => [
    artifactName(kind), ...now.runs.map((run) => {
      const made = run.artifacts.find((one) => one.kind === kind);
      return made === undefined ? '' : h('div', {}, format.bytes(made.size), h('code.path', {}, made.path));
    }),
  ])));
}

type Cell = string | HTMLElement;

function table(now: CompareState, first: string, rows: readonly (readonly Cell[])[], last?: string): HTMLElement {
  const called = titles(now);
  return h('div.scroll', { tabindex: 0 }, h('table.compare-table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, first),
      ...looks.map((look, index) => h('th', { scope: 'col' }, h(`span.swatch.${look}`), ' ', called[index])),
      last !== undefined && h('th', { scope: 'col' }, last))),
    h('tbody', {}, ...rows.map(([name, ...cells]) => h('tr', {}, h('th', { scope: 'row' }, name), ...cells.map((cell) => h('td', {}, cell)))))));
}

function panel(title: string, content: HTMLElement): HTMLElement {
  return h('section.panel', { 'aria-label': title }, h('div.panel-head', {}, h('h2', {}, title)), content);
}
