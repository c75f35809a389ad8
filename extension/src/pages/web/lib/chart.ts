/**
 * A line chart: axes, curves, a cursor that mouse and arrow keys move, and the same values as a table.
 * Knows nothing of runs. For screen readers it is a slider over the steps that says the values where it stands.
 */

import {
  linear, logarithmic, logTicks, nearest, padded, stepRange, stepsOf, thin, ticks, timeTicks, valueRange,
  type Point, type Range, type Scale,
} from '../../series.ts';
import { attribute, h, s, show, text } from './dom.ts';
import { format, perFrame, t } from './page.ts';

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
  /** A class that gives it its colour, and for those who cannot tell colours, its dashes. */
  readonly look: 'first' | 'second' | 'third' | 'fourth';
  /** Drawn behind the others, pale: what was measured behind what was smoothed. */
  readonly faint?: boolean;
}

export interface ChartView {
  readonly curves: readonly Curve[];
  readonly log: boolean;
}

export interface Chart {
  readonly element: HTMLElement;
  update(view: ChartView): void;
}

const LEFT = 58;
const RIGHT = 14;
const TOP = 10;
const BOTTOM = 24;
const TABLE_ROWS = 100;
const TABLE_PAUSE = 2000;

/** `along`: what the lower axis counts; `empty`: what is said while there is nothing to draw. */
export function createChart(
  title: string, value: (value: number) => string, empty: string, along: 'step' | 'time' = 'step',
): Chart {
  const place = along === 'step' ? (step: number) => t('step', format.count(step)) : format.duration;
  const columnTicks = along === 'step' ? (range: Range, wanted: number) => ticks(range, wanted, true) : timeTicks;
  const column = along === 'step' ? format.count : format.duration;
  const svg = s('svg', { 'aria-hidden': 'true' });
  const tip = h('div.tip', { hidden: true, 'aria-hidden': 'true' });
  const plot = h('div.plot', {
    tabindex: 0, role: 'slider', 'aria-label': title, 'aria-orientation': 'horizontal',
  }, svg, tip);
  const nothing = h('p.empty', {}, empty);
  const table = h('table.values');
  const details = h('details.table', { ontoggle: () => { fillTable(); } }, h('summary', {}, t('asTable')), table);
  const element = h('div.chart', {}, plot, nothing, details);

  let view: ChartView = { curves: [], log: false };
  let cursor: number | undefined;
  let steps: number[] = [];
  let toX: Scale = () => 0;
  let toY: Scale = () => 0;
  let width = 0;
  let height = 0;
  let tableMade = 0;
  const draw = perFrame(drawNow);

  new ResizeObserver(draw).observe(plot);
  plot.addEventListener('pointermove', (event) => { pointAt(event); });
  plot.addEventListener('pointerdown', (event) => { pointAt(event); });
  plot.addEventListener('pointerleave', () => { if (document.activeElement !== plot) moveTo(undefined); });
  plot.addEventListener('blur', () => { moveTo(undefined); });
  plot.addEventListener('focus', () => { if (cursor === undefined) moveTo(steps.at(-1)); });
  plot.addEventListener('keydown', onKey);

  function drawNow(): void {
    const curves = view.curves.filter((curve) => curve.points.length > 0);
    const values = valueRange(curves.map((curve) => curve.points), view.log);
    const range = stepRange(curves.map((curve) => curve.points));
    const drawable = values !== undefined && range !== undefined;
    show(plot, drawable);
    show(nothing, !drawable);
    show(details, drawable);
    if (!drawable) return;
    width = plot.clientWidth;
    height = plot.clientHeight;
    if (width === 0) return;
    const xs = { low: along === 'step' ? Math.min(range.low, 1) : 0, high: range.high };
    const ys = padded(values, view.log);
    const [x, y] = [linear(xs), view.log ? logarithmic(ys) : linear(ys)];
    toX = (step) => LEFT + x(step) * (width - LEFT - RIGHT);
    toY = (one) => height - BOTTOM - y(one) * (height - TOP - BOTTOM);
    attribute(svg, 'viewBox', `0 0 ${width} ${height}`);
    const wanted = Math.max(3, Math.floor((height - TOP - BOTTOM) / 42));
    const rows = view.log ? logTicks(ys, wanted) : ticks(ys, wanted);
    svg.replaceChildren(
      ...rows.map((one) => s('g.row', {},
        s('line', { x1: LEFT, x2: width - RIGHT, y1: toY(one), y2: toY(one) }),
        s('text', { x: LEFT - 8, y: toY(one) + 4, 'text-anchor': 'end' }, value(one)))),
      ...columnTicks(xs, Math.max(3, Math.floor((width - LEFT) / 80))).map((step) => s('text.column', {
        x: Math.min(toX(step), width - RIGHT), y: height - 6, 'text-anchor': step === xs.high ? 'end' : 'middle',
      }, column(step))),
      ...curves.map((curve) => drawCurve(curve)),
      ...cursorMarks(),
    );
    steps = stepsOf(curves.filter((curve) => curve.faint !== true).map((curve) => curve.points));
    attribute(plot, 'aria-valuemin', steps[0]);
    attribute(plot, 'aria-valuemax', steps.at(-1));
    tell();
    if (details.open && Date.now() - tableMade > TABLE_PAUSE) fillTable();
  }

  function drawCurve(curve: Curve): SVGElement {
    const points = thin(curve.points, Math.max(100, width)).filter(([, one]) => visible(one));
    const only = points[0];
    const group = s(`g.curve.${curve.look}`);
    if (curve.faint === true) group.classList.add('faint');
    if (points.length === 1 && only !== undefined) {
      group.append(s('circle', { cx: toX(only[0]), cy: toY(only[1]), r: 3 }));
      return group;
    }
    const line = points.map(([step, one], index) =>
      `${index === 0 ? 'M' : 'L'}${toX(step).toFixed(1)} ${toY(one).toFixed(1)}`);
    group.append(s('path', { d: line.join('') }));
    return group;
  }

  function visible(one: number): boolean {
    return Number.isFinite(one) && (!view.log || one > 0);
  }

  function cursorMarks(): SVGElement[] {
    if (cursor === undefined) return [];
    const x = toX(cursor);
    return [
      s('line.cursor', { x1: x, x2: x, y1: TOP, y2: height - BOTTOM }),
      ...readings(cursor).filter(({ at }) => visible(at[1])).map(({ curve, at }) =>
        s(`circle.dot.${curve.look}`, { cx: toX(at[0]), cy: toY(at[1]), r: 3.5 })),
    ];
  }

  /** What each curve says at a step: its nearest point. */
  function readings(step: number): { curve: Curve; at: Point }[] {
    return view.curves.filter((curve) => curve.faint !== true).flatMap((curve) => {
      const at = curve.points[nearest(curve.points, step)];
      return at === undefined ? [] : [{ curve, at }];
    });
  }

  function tell(): void {
    const step = cursor ?? steps.at(-1);
    if (step === undefined) return;
    const said = readings(step).map(({ curve, at }) => `${curve.name} ${value(at[1])}`);
    attribute(plot, 'aria-valuenow', step);
    attribute(plot, 'aria-valuetext', [place(step), ...said].join(', '));
    show(tip, cursor !== undefined);
    if (cursor === undefined) return;
    tip.replaceChildren(
      h('div.tip-step', {}, place(cursor)),
      ...readings(cursor).map(({ curve, at }) => h('div.tip-line', {},
        h(`span.swatch.${curve.look}`), h('span', {}, curve.name), h('b', {}, value(at[1])))),
    );
    const x = toX(cursor);
    const right = x > width / 2;
    tip.style.left = right ? '' : `${x + 12}px`;
    tip.style.right = right ? `${width - x + 12}px` : '';
  }

  function moveTo(step: number | undefined): void {
    if (step === cursor) return;
    cursor = step;
    draw();
  }

  function pointAt(event: PointerEvent): void {
    const first = steps[0];
    const last = steps.at(-1);
    if (first === undefined || last === undefined) return;
    const inside = event.clientX - plot.getBoundingClientRect().left;
    const share = (inside - toX(first)) / Math.max(1, toX(last) - toX(first));
    const wanted = first + share * (last - first);
    moveTo(steps[nearest(steps.map((step): Point => [step, 0]), wanted)]);
  }

  function onKey(event: KeyboardEvent): void {
    const at = cursor === undefined ? steps.length - 1 : Math.max(0, steps.indexOf(cursor));
    const leap = Math.max(1, Math.round(steps.length / 10));
    const moves: Record<string, number> = {
      ArrowLeft: at - (event.shiftKey ? leap : 1), ArrowDown: at - 1, PageDown: at - leap, Home: 0,
      ArrowRight: at + (event.shiftKey ? leap : 1), ArrowUp: at + 1, PageUp: at + leap, End: steps.length - 1,
    };
    const to = moves[event.key];
    if (event.key === 'Escape') moveTo(undefined);
    if (to === undefined) return;
    event.preventDefault();
    moveTo(steps[Math.min(steps.length - 1, Math.max(0, to))]);
  }

  function fillTable(): void {
    if (!details.open) return;
    tableMade = Date.now();
    const curves = view.curves.filter((curve) => curve.faint !== true);
    const every = Math.max(1, Math.ceil(steps.length / TABLE_ROWS));
    const shown = steps.filter((_, index) => index % every === 0 || index === steps.length - 1);
    const cell = (curve: Curve, step: number): string => {
      const at = curve.points[nearest(curve.points, step)];
      return at?.[0] === step ? value(at[1]) : '';
    };
    table.replaceChildren(
      h('caption', {}, every > 1 ? t('everyStep', title, every) : title),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, along === 'step' ? t('stepHeading') : t('time')),
        ...curves.map((curve) => h('th', { scope: 'col' }, curve.name)))),
      h('tbody', {}, ...shown.map((step) => h('tr', {}, h('th', { scope: 'row' }, column(step)),
        ...curves.map((curve) => h('td', {}, cell(curve, step)))))),
    );
  }

  return {
    element,
    update(next) {
      view = next;
      if (cursor !== undefined && next.curves.every((curve) => curve.points.length === 0)) cursor = undefined;
      draw();
    },
  };
}

/** The names of curves beside their colours. */
export function legend(curves: readonly Curve[]): HTMLElement {
  return h('ul.legend', {}, ...curves.filter((curve) => curve.faint !== true).map((curve) =>
    h('li', {}, h(`span.swatch.${curve.look}`), curve.name)));
}

/** A button that stays pressed. */
export function toggle(label: string, pressed: boolean, change: (pressed: boolean) => void): HTMLButtonElement {
  const button = h('button.toggle', {
    type: 'button',
    'aria-pressed': pressed ? 'true' : 'false',
    onclick: () => {
      const now = button.getAttribute('aria-pressed') !== 'true';
      attribute(button, 'aria-pressed', now ? 'true' : 'false');
      change(now);
    },
  });
  text(button, label);
  return button;
}
