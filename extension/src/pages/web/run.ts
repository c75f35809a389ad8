/** The run page: everything about one run, live. */

import { action, link } from './lib/buttons.ts';
import { artifactList, updateArtifacts } from './lib/artifacts.ts';
import { createCharts, memoryPoints, type ChartSettings } from './lib/runCharts.ts';
import { attribute, h, prose, show, text } from './lib/dom.ts';
import { icon } from './lib/icons.ts';
import { createLog, type LogSettings } from './lib/log.ts';
import { format, listen, perFrame, remember, remembered, send, t } from './lib/page.ts';
import { amountDone, passList, phaseName, updatePasses } from './lib/passes.ts';
import { apply, seriesKey, type RunFacts, type RunPageState, type RunPatch } from '../runState.ts';
import { baseName } from '../format.ts';
import type { Point } from '../series.ts';
import type { RunState } from '../../protocol.ts';

type Message =
  | { readonly type: 'state'; readonly state: RunPageState; readonly now: number }
  | { readonly type: 'patch'; readonly patch: RunPatch; readonly now: number }
  | { readonly type: 'gone'; readonly why: string | null };

const page = remembered<ChartSettings & LogSettings>({ logScale: false, smoothing: 0, level: 'info', follow: true });
const save = (): void => { remember(page); };

let state: RunPageState | undefined;
/** Milliseconds that the clock of the machine that runs is ahead of this one. */
let ahead = 0;

const heading = h('h1');
const badge = h('span.badge');
const place = link('', () => { send({ type: 'do', action: 'config' }); });
const told = h('span');
const subtitle = h('p.subtitle', {}, place, ' · ', told);
const buttons = {
  cancel: action('cancel', t('cancel'), 'stop'),
  resume: action('resume', t('resume'), 'resume', 'primary'),
  again: action('again', t('runAgain'), 'again'),
  try: action('try', t('tryModel'), 'chat', 'primary'),
  open: action('open', t('openFolder'), 'folder'),
};
const progressText = h('p.progress-text');
const progressFill = h('div.bar-fill');
const progressBar = h('div.bar.large', { role: 'progressbar', 'aria-label': t('progress'), 'aria-valuemin': 0, 'aria-valuemax': 100 },
  progressFill);
const progress = h('section.progress', { 'aria-label': t('progress') }, progressText, progressBar);
const errorBox = h('section.error-box', { role: 'alert' });
const tiles = h('dl.tiles');
const charts = createCharts(page, save);
const passes = passList();
const artifacts = artifactList();
const noArtifacts = h('p.empty', {}, t('noArtifacts'));
const log = createLog(page, save);
const said = h('p.visually-hidden', { role: 'status' });
const waiting = h('p.empty.whole', {}, t('loading'));

const content = h('main', { hidden: true },
  h('header.top', {},
    h('div.title', {}, h('div.title-line', {}, heading, badge), subtitle),
    h('div.actions', {}, buttons.try, buttons.resume, buttons.cancel, buttons.again, buttons.open)),
  said, errorBox, progress, tiles,
  h('div.columns', {},
    charts.element,
    h('div.side', {},
      h('section.panel', { 'aria-label': t('plan') }, h('div.panel-head', {}, h('h2', {}, t('plan'))), passes),
      h('section.panel', { 'aria-label': t('artifacts') }, h('div.panel-head', {}, h('h2', {}, t('artifacts'))), artifacts, noArtifacts))),
  log.element);
document.body.append(waiting, content);

const draw = perFrame(() => {
  if (state === undefined) return;
  show(waiting, false);
  show(content, true);
  showFacts(state);
  charts.update(state);
  log.update(state.log);
  tick();
});

listen<Message>((message) => {
  if (message.type === 'gone') {
    text(waiting, message.why ?? t('runGone'));
    show(waiting, true);
    show(content, false);
    return;
  }
  ahead = message.now - Date.now();
  if (message.type === 'state') state = message.state;
  else if (state !== undefined) state = apply(state, message.patch);
  draw();
});
setInterval(tick, 1000);
send({ type: 'ready' });

function showFacts({ facts }: RunPageState): void {
  text(heading, baseName(facts.config));
  text(place, facts.place);
  attribute(place, 'title', facts.config);
  badge.dataset['state'] = facts.stopping ? 'stopping' : facts.state;
  badge.replaceChildren(icon(badgeIcon(facts.state)), stateText(facts));
  const live = isLive(facts);
  show(buttons.cancel, live && !facts.stopping);
  show(buttons.resume, ['failed', 'cancelled', 'lost'].includes(facts.state));
  show(buttons.again, !live);
  show(buttons.try, facts.state === 'succeeded' && facts.artifacts.some(({ kind }) => kind === 'model'));
  show(buttons.open, facts.outputDir !== null && facts.artifacts.length > 0);
  showError(facts);
  updateArtifacts(artifacts, facts.artifacts);
  show(noArtifacts, facts.artifacts.length === 0);
  text(noArtifacts, live ? t('noArtifacts') : t('madeNothing'));
  text(said, t('saysState', stateText(facts), facts.passes.find((pass) => pass.state === 'running')?.name ?? ''));
}

function badgeIcon(runState: RunState): Parameters<typeof icon>[0] {
  const icons = {
    queued: 'circle', running: 'spin', succeeded: 'check', failed: 'error', cancelled: 'stop', lost: 'warning',
  } as const;
  return icons[runState];
}

function stateText(facts: RunFacts): string {
  if (facts.stopping) return t('stateStopping');
  const names: Record<RunState, string> = {
    queued: t('stateQueued'), running: t('stateRunning'), succeeded: t('stateSucceeded'), failed: t('stateFailed'),
    cancelled: t('stateCancelled'), lost: t('stateLost'),
  };
  return names[facts.state];
}

function isLive(facts: RunFacts): boolean {
  return facts.state === 'queued' || facts.state === 'running';
}

let shownError = '';

function showError(facts: RunFacts): void {
  const { error } = facts;
  show(errorBox, error !== null);
  const key = JSON.stringify(error);
  if (error === null || key === shownError) return;
  shownError = key;
  errorBox.replaceChildren(icon('error'), h('div', {},
    h('p.error-message', {}, ...prose(error.message)),
    error.hint !== '' && h('p.error-hint', {}, ...prose(error.hint)),
    h('p.error-links', {},
      error.place !== '' && link(error.place, () => { send({ type: 'do', action: 'error' }); }, t('showInConfig')),
      link(t('showLog'), () => { send({ type: 'do', action: 'log' }); }))));
}

/** What changes with the clock alone. */
function tick(): void {
  if (state === undefined) return;
  const { facts } = state;
  const now = Date.now() + ahead;
  const live = isLive(facts);
  updatePasses(passes, facts.passes, now);
  const begun = facts.started ?? facts.created;
  text(told, [
    t('startedAt', format.moment(begun, new Date())),
    facts.attempt > 1 ? t('attempt', facts.attempt) : '',
    facts.id,
  ].filter((one) => one !== '').join(' · '));
  showProgress(facts);
  const end = facts.finished === null || live ? now : facts.finished;
  showTiles(facts, facts.started === null ? null : Math.max(0, end - facts.started) / 1000);
}

function showProgress(facts: RunFacts): void {
  const running = facts.passes.find((pass) => pass.state === 'running');
  show(progress, isLive(facts));
  if (!isLive(facts)) return;
  const position = running === undefined ? -1 : facts.passes.indexOf(running);
  const share = running !== undefined && running.total !== null && running.total > 0 ? running.done / running.total : 0;
  const percent = Math.round(share * 100);
  progressFill.style.width = `${percent}%`;
  const inOneGo = running === undefined || running.total === null || running.total <= 1;
  progressFill.classList.toggle('unknown', inOneGo);
  attribute(progressBar, 'aria-valuenow', inOneGo ? false : percent);
  const parts = running === undefined
    ? [facts.stopping ? t('stateStopping') : t('starting')]
    : [
      t('passOf', running.name, position + 1, facts.passes.length),
      running.phase === '' ? '' : phaseName(running.phase),
      amountDone(running),
      running.secondsLeft === null ? '' : t('timeLeft', format.duration(running.secondsLeft)),
    ];
  const words = parts.filter((one) => one !== '').join(' · ');
  text(progressText, words);
  attribute(progressBar, 'aria-valuetext', words);
}

function showTiles(facts: RunFacts, elapsed: number | null): void {
  if (state === undefined) return;
  const live = isLive(facts);
  const pass = charts.pass;
  const points = (name: string): readonly Point[] => state?.series[seriesKey(name, pass)] ?? [];
  const [first, loss] = [points('loss')[0]?.[1], points('loss').at(-1)?.[1]];
  const tokens = points('tokens_per_second').at(-1)?.[1];
  const shown: [string, string, string][] = [];
  if (loss !== undefined) {
    shown.push([t('loss'), format.value(loss), first !== undefined && first !== loss ? t('from', format.value(first)) : '']);
  }
  if (tokens !== undefined) shown.push([t('tokensPerSecond'), format.value(Math.round(tokens)), '']);
  for (const [name, label, atEnd] of [
    ['memory_bytes', t('memory'), facts.passes.map((one) => one.memory)],
    ['gpu_memory_bytes', t('gpuMemory'), facts.passes.map((one) => one.gpuMemory)],
  ] as const) {
    const held = memoryPoints(state, name);
    const peak = Math.max(0, ...atEnd.map((one) => one ?? 0), ...held.map(([, value]) => value));
    const now = live ? held.at(-1)?.[1] ?? peak : peak;
    if (peak > 0) shown.push([label, format.bytes(now), live ? t('peak', format.bytes(peak)) : t('atPeak')]);
  }
  if (elapsed !== null) {
    shown.push([t('time'), format.duration(elapsed), '']);
  }
  show(tiles, shown.length > 0);
  if (tiles.children.length !== shown.length) {
    tiles.replaceChildren(...shown.map(() => h('div.tile', {}, h('dt'), h('dd.tile-value'), h('dd.tile-more'))));
  }
  shown.forEach((texts, index) => {
    texts.forEach((one, at) => {
      const line = tiles.children[index]?.children[at];
      if (line !== undefined) text(line, one);
    });
  });
}
