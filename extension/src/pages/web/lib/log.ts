/** The end of a run's log: filtered by level, following new lines until the reader scrolls up. */

import { attribute, h, show, text } from './dom.ts';
import { link, iconButton } from './buttons.ts';
import { toggle } from './chart.ts';
import { format, send, t } from './page.ts';
import type { Level } from '../../../protocol.ts';
import type { ShownLine, LogTail } from '../../runState.ts';

export interface LogSettings { level: Level; follow: boolean }

export interface LogView {
  readonly element: HTMLElement;
  update(log: LogTail): void;
}

/** Lines in the page at once; older ones stand in the log file. */
const MOST = 500;
/** How often new lines are drawn, in ms: nobody reads faster, and a flood of lines must not hold up the rest. */
const CALM = 250;
const RANK: Record<Level, number> = { debug: 0, info: 1, warning: 2, error: 3 };

export function createLog(settings: LogSettings, changed: () => void): LogView {
  const lines = h('div.log-lines', { role: 'log', 'aria-live': 'off', 'aria-label': t('log'), tabindex: 0 });
  const nothing = h('p.empty', {}, t('logEmpty'));
  const levels: [Level, string][] = [
    ['debug', t('levelDebug')], ['info', t('levelInfo')], ['warning', t('levelWarning')], ['error', t('levelError')],
  ];
  const filter = h('select', {
    'aria-label': t('logLevel'),
    onchange: () => {
      settings.level = filter.value as Level;
      changed();
      rebuild();
    },
  }, ...levels.map(([level, name]) => h('option', { value: level, selected: level === settings.level }, name)));
  const follow = toggle(t('follow'), settings.follow, (pressed) => {
    settings.follow = pressed;
    changed();
    toEnd();
  });
  const element = h('section.panel.log', { 'aria-label': t('log') },
    h('div.panel-head', {}, h('h2', {}, t('log')), h('div.controls', {}, filter, follow,
      iconButton(t('copyLog'), 'copy', () => { send({ type: 'do', action: 'copyText', text: shownText() }); }),
      link(t('wholeLog'), () => { send({ type: 'do', action: 'log' }); }))),
    lines, nothing);

  let log: LogTail = { from: 0, lines: [] };
  /** The number behind the last line that was looked at. */
  let end = 0;
  let timer: number | undefined;
  let drawn = 0;

  lines.addEventListener('scroll', () => {
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 24;
    if (atEnd === settings.follow) return;
    settings.follow = atEnd;
    attribute(follow, 'aria-pressed', atEnd ? 'true' : 'false');
    changed();
  });

  function fits(entry: ShownLine): boolean {
    return RANK[entry.level] >= RANK[settings.level];
  }

  function rebuild(): void {
    lines.replaceChildren(...log.lines.filter(fits).slice(-MOST).map(row));
    end = log.from + log.lines.length;
    afterwards();
  }

  function afterwards(): void {
    show(nothing, lines.children.length === 0);
    show(lines, lines.children.length > 0);
    text(nothing, log.lines.length === 0 ? t('logEmpty') : t('logFiltered', log.lines.length));
    toEnd();
  }

  function toEnd(): void {
    if (settings.follow) lines.scrollTop = lines.scrollHeight;
  }

  function shownText(): string {
    return log.lines.filter(fits).map((entry) =>
      `${new Date(entry.time).toISOString()} ${entry.level} ${entry.pass === null ? '' : `${entry.pass}: `}${entry.text}`).join('\n');
  }

  function draw(): void {
    timer = undefined;
    drawn = Date.now();
    if (end < log.from || end > log.from + log.lines.length) {
      rebuild();
      return;
    }
    const fresh = log.lines.slice(end - log.from).filter(fits).slice(-MOST);
    end = log.from + log.lines.length;
    if (fresh.length === 0) {
      if (lines.children.length === 0) afterwards();
      return;
    }
    if (fresh.length === MOST) lines.replaceChildren(...fresh.map(row));
    else lines.append(...fresh.map(row));
    while (lines.children.length > MOST) lines.firstElementChild?.remove();
    afterwards();
  }

  return {
    element,
    update(next) {
      // A log that began anew: what is shown is not of it.
      if (next.from < log.from) end = -1;
      log = next;
      timer ??= window.setTimeout(draw, Math.max(0, CALM - (Date.now() - drawn)));
    },
  };
}

function row(entry: ShownLine): HTMLElement {
  return h(`div.line.${entry.level}`, {},
    h('time', { datetime: new Date(entry.time).toISOString() }, format.clock(entry.time)),
    RANK[entry.level] >= RANK.warning && h('span.level', {}, entry.level === 'error' ? t('levelError') : t('levelWarning')),
    entry.pass !== null && h('span.line-pass', {}, entry.pass),
    h('span.line-text', {}, entry.text));
}
