/** The plan page: what a run would do, without doing it. */

import { action, link } from './lib/buttons.ts';
import { artifactName } from './lib/artifacts.ts';
import { attribute, breakable, h, part, prose, show, text } from './lib/dom.ts';
import { icon } from './lib/icons.ts';
import { format, listen, remember, remembered, send, t } from './lib/page.ts';
import { meter } from './lib/meter.ts';
import { engineWouldHelp } from '../engineCodes.ts';
import { baseName } from '../format.ts';
import type { PlanState } from '../pageStates.ts';
import type { Plan, PlannedPass, Problem } from '../../protocol.ts';

/** Passes whose defaults are unfolded. */
const page = remembered<{ unfolded: string[] }>({ unfolded: [] });

const heading = h('h1');
const badge = h('span.badge');
const place = link('', () => { send({ type: 'do', action: 'config' }); });
const run = action('run', t('run'), 'play', 'primary');
const setUp = action('setUp', t('setUpEngine'), 'box', 'primary');
const again = action('refresh', t('planAgain'), 'again');
const outdated = h('p.note-box', { hidden: true, role: 'status' }, icon('warning'), h('span', {}, t('planOutdated')));
const body = h('div');
const waiting = h('p.empty.whole', { role: 'status' });

document.body.append(h('main', {},
  h('header.top', {},
    h('div.title', {}, h('div.title-line', {}, heading, badge), h('p.subtitle', {}, place)),
    h('div.actions', {}, setUp, run, again)),
  outdated, waiting, body));

listen<{ readonly type: 'state'; readonly state: PlanState }>(({ state }) => { update(state); });
send({ type: 'ready' });

function update(state: PlanState): void {
  text(heading, t('planOf', baseName(state.config)));
  text(place, state.place);
  const { plan } = state;
  const ok = plan?.ok === true;
  show(badge, plan !== null && !state.loading);
  badge.dataset['state'] = ok ? 'succeeded' : 'failed';
  badge.replaceChildren(icon(ok ? 'check' : 'error'), ok ? t('planReady') : t('planRefused'));
  attribute(run, 'disabled', !ok);
  const lacks = state.needsEngine || plan?.problems.some(({ code }) => engineWouldHelp(code)) === true;
  show(setUp, lacks && !state.loading);
  attribute(again, 'disabled', state.loading);
  show(outdated, state.outdated && !state.loading);
  const why = state.loading ? t('planLoading') : state.error;
  show(waiting, why !== null);
  text(waiting, why ?? '');
  show(body, plan !== null);
  body.classList.toggle('stale', state.loading || state.outdated);
  if (plan === null) return;
  body.replaceChildren(
    ...(plan.problems.length > 0 ? [problems(plan.problems)] : []),
    ...(plan.passes.length > 0 ? [needs(plan), passes(plan), outputs(plan)] : []));
  if (state.pass !== null) part(body, 'ol').querySelector(`[data-pass="${CSS.escape(state.pass)}"]`)?.scrollIntoView({ block: 'start' });
}

function problems(found: readonly Problem[]): HTMLElement {
  const symbols = { error: 'error', warning: 'warning', information: 'info', hint: 'info' } as const;
  return h('section.panel', { 'aria-label': t('problems') },
    h('div.panel-head', {}, h('h2', {}, t('problems'))),
    h('ul.problems', {}, ...found.map((problem) => h(`li.problem.${problem.severity}`, {},
      icon(symbols[problem.severity]),
      h('div', {}, h('span', {}, ...prose(problem.message)), ' ',
        problem.line !== undefined && problem.line > 0 && link(t('line', problem.line), () => {
          send({ type: 'do', action: 'line', line: problem.line, column: problem.column ?? 1 });
        }, t('showInConfig')))))));
}

function needs(plan: Plan): HTMLElement {
  const cached = plan.passes.filter((pass) => pass.cached).length;
  const fresh = plan.passes.length - cached;
  const steps = plan.passes.filter((pass) => !pass.cached).map((pass) => numberIn(pass, 'steps') ?? 0).reduce((a, b) => a + b, 0);
  const tokens = plan.passes.filter((pass) => !pass.cached).map((pass) => numberIn(pass, 'tokens') ?? 0).reduce((a, b) => a + b, 0);
  return h('dl.tiles', {},
    tile(t('passes'), fresh === 0 ? t('allCached') : format.count(fresh), fresh === 0 ? t('allCachedMeans') : cached === 0 ? '' : t('ofWhichCached', cached)),
    steps > 0 && tile(t('steps'), format.count(steps), tokens > 0 ? t('tokensOfData', format.count(tokens)) : ''),
    room(t('memory'), plan.peak_memory_bytes, plan.memory_available_bytes),
    room(t('disk'), plan.disk_bytes, plan.disk_free_bytes));
}

function tile(name: string, value: string, more: string): HTMLElement {
  return h('div.tile', {}, h('dt', {}, name), h('dd.tile-value', {}, value), h('dd.tile-more', {}, more));
}

function room(name: string, needed: number | null, free: number | null): HTMLElement | false {
  if (needed === null) return false;
  const short = free !== null && needed > free;
  const element = tile(name, t('about', format.bytes(needed)), free === null ? '' : t(short ? 'tooLittle' : 'ofFree', format.bytes(free)));
  if (free !== null) element.append(h('dd', {}, meter(needed / free, short ? 'bad' : 'good')));
  element.classList.toggle('short', short);
  return element;
}

function passes(plan: Plan): HTMLElement {
  return h('ol.planned', {}, ...plan.passes.map((pass, index) => planned(pass, index)));
}

function planned(pass: PlannedPass, index: number): HTMLElement {
  const act = (name: string) => () => { send({ type: 'do', action: name, name: pass.name }); };
  return h('li.panel.planned-pass', { 'data-pass': pass.name, 'aria-label': pass.name },
    h('div.panel-head', {},
      h('div.title-line', {}, h('span.number', {}, format.count(index + 1)),
        h('h2', {}, link(pass.name, act('pass'), t('showInConfig'))), h('span.pass-type', {}, pass.type),
        h(`span.tag.${pass.cached ? 'cached' : 'fresh'}`, {}, icon(pass.cached ? 'bolt' : 'play'), pass.cached ? t('passCached') : t('fresh'))),
      h('div.controls', {}, link(t('runFrom'), act('runFrom')), link(t('runUpTo'), act('runUpTo')))),
    facts(pass),
    ...pass.estimate.notes.map((note) => h('p.note', {}, ...prose(note))),
    parameters(pass));
}

function facts(pass: PlannedPass): HTMLElement | false {
  const { estimate } = pass;
  const count = (name: string, label: (text: string) => string, always = false): string | null => {
    const value = numberIn(pass, name);
    return value === null || (value === 0 && !always) ? null : label(format.count(value));
  };
  const epochs = numberIn(pass, 'epochs');
  const told = [
    count('steps', (n) => t('factSteps', n)),
    epochs === null ? null : t('factEpochs', format.value(Number(epochs.toPrecision(3)))),
    count('sequences', (n) => t('factSequences', n)),
    count('tokens', (n) => t('factTokens', n)),
    count('truncated', (n) => t('factTruncated', n)),
    count('dropped', (n) => t('factDropped', n)),
    count('evaluation_sequences', (n) => t('factEvaluated', n)),
    estimate.trainable_parameters === null ? null : trained(estimate.trainable_parameters, estimate.total_parameters),
    pass.cached || !estimate.peak_memory_bytes ? null : t('factMemory', format.bytes(estimate.peak_memory_bytes)),
    pass.cached || !estimate.disk_bytes ? null : t('factDisk', format.bytes(estimate.disk_bytes)),
  ].filter((one) => one !== null);
  return told.length > 0 && h('ul.facts', {}, ...told.map((one) => h('li', {}, one)));
}

function trained(count: number, total: number | null): string {
  const share = total === null || total === 0 ? '' : ` (${format.value(Number(((count / total) * 100).toPrecision(2)))} %)`;
  return t('factTrained', format.count(count)) + share;
}

function numberIn(pass: PlannedPass, name: string): number | null {
  const value = pass.estimate.data[name];
  return typeof value === 'number' ? value : null;
}

function parameters(pass: PlannedPass): HTMLElement | false {
  const all = flat(pass.parameters);
  const given = all.filter(([name]) => pass.given.some((one) => name === one || name.startsWith(`${one}.`)));
  const defaults = all.filter((one) => !given.includes(one) && one[1] !== 'null');
  if (given.length + defaults.length === 0) return false;
  const details = h('details', {
    open: page.unfolded.includes(pass.name),
    ontoggle: () => {
      page.unfolded = page.unfolded.filter((name) => name !== pass.name);
      if (details.open) page.unfolded.push(pass.name);
      remember(page);
    },
  }, h('summary', {}, t('defaults', defaults.length)), list(defaults));
  return h('div.parameters', {}, given.length > 0 && list(given), defaults.length > 0 && details);
}

function list(rows: readonly [string, string][]): HTMLElement {
  return h('dl.parameter-list', {}, ...rows.map(([name, value]) =>
    h('div', {}, h('dt', {}, ...breakable(name)), h('dd', {}, h('code', {}, value)))));
}

/** `training_args.max_steps` and its like, each with its value as JSON. */
function flat(value: Readonly<Record<string, unknown>>, before = ''): [string, string][] {
  return Object.entries(value).flatMap(([name, entry]): [string, string][] =>
    (typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? flat(entry as Record<string, unknown>, `${before}${name}.`)
      : [[`${before}${name}`, asJson(entry)]]));
}

/** A list with spaces, where a line may break. */
function asJson(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((one) => JSON.stringify(one)).join(', ')}]` : JSON.stringify(value);
}

function outputs(plan: Plan): HTMLElement {
  const places: [string, string][] = [
    ...Object.entries(plan.outputs).map(([kind, path]): [string, string] => [artifactName(kind), path]), [t('cache'), plan.cache_dir],
  ];
  return h('section.panel', { 'aria-label': t('outputs') },
    h('div.panel-head', {}, h('h2', {}, t('outputs'))),
    h('table.parameter-table', {}, h('tbody', {}, ...places.map(([name, path]) =>
      h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, h('code.path', {}, path)))))));
}
