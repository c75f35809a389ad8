/** Try the Model: prompts put to a built model, answers as they come. */

import { iconButton, link } from './lib/buttons.ts';
import { attribute, h, keyed, part, show, text } from './lib/dom.ts';
import { icon } from './lib/icons.ts';
import { format, listen, perFrame, remember, remembered, send, t } from './lib/page.ts';
import { fieldsOf } from '../promptTemplate.ts';
import type { Asking, ModelState, ModelStatus, Outcome, Turn } from '../pageStates.ts';

type Message =
  | { readonly type: 'state'; readonly state: ModelState }
  | { readonly type: 'turn'; readonly turn: Turn }
  | { readonly type: 'token'; readonly id: number; readonly text: string };

interface Page extends Omit<Asking, 'prompt' | 'form' | 'template'> {
  draft: string;
  /** undefined: what suits the model. */
  form: Asking['form'] | undefined;
  /** undefined: the one of the config. */
  template: string | undefined;
  fields: Record<string, string>;
  system: string;
  temperature: number;
  maxTokens: number;
  remember: boolean;
  settingsOpen: boolean;
  turns: readonly Turn[];
}

const page = remembered<Page>({
  draft: '', form: undefined, template: undefined, fields: {}, system: '', temperature: 0, maxTokens: 256, remember: true,
  settingsOpen: window.innerWidth > 860, turns: [],
});
/** Answers kept over a reload of the window. */
const KEPT = 50;

let state: ModelState | undefined;

// What is said
const heading = h('h1', {}, t('tryModel'));
const badge = h('span.badge');
const where = h('code.path');
const loaded = h('span');
const problemText = h('p.error-message');
const problemHint = h('p.error-hint');
const setUp = h('button.button.primary', { type: 'button', onclick: () => { send({ type: 'do', action: 'setUp' }); } }, t('setUpEngine'));
const restart = h('button.button.secondary', { type: 'button', onclick: () => { send({ type: 'do', action: 'restart' }); } }, t('loadAgain'));
const problem = h('section.error-box', { role: 'alert', hidden: true }, icon('error'),
  h('div', {}, problemText, problemHint, h('div.actions', {}, setUp, restart)));
const turns = h('ol.turns', { 'aria-label': t('conversation') });
const nothing = h('p.empty', {}, t('askSomething'));
const said = h('p.visually-hidden', { role: 'status' });

// What is asked
const prompt = h('textarea.prompt', { rows: 3, 'aria-label': t('prompt'), placeholder: t('promptPlaceholder') });
prompt.value = page.draft;
const sendButton = h('button.button.primary', { type: 'button', onclick: ask }, icon('send'), h('span', {}, t('send')));
const stopButton = h('button.button.secondary', { type: 'button', hidden: true, onclick: () => { send({ type: 'do', action: 'stop' }); } },
  icon('stop'), h('span', {}, t('stop')));
const fields = h('div.fields');

// How it is asked
const form = h('select', { id: 'form', onchange: () => { page.form = form.value as Asking['form']; settle(); } },
  h('option', { value: 'template' }, t('formTemplate')), h('option', { value: 'chat' }, t('formChat')), h('option', { value: 'raw' }, t('formRaw')));
const template = h('textarea.mono', { id: 'template', rows: 4, spellcheck: 'false', oninput: () => { page.template = template.value; settle(); } });
const templateWrong = h('p.field-error', { id: 'template-error', role: 'alert' }, t('templateWrong'));
const templateBack = link(t('templateBack'), () => { page.template = undefined; settle(); });
const system = h('textarea', { id: 'system', rows: 2, oninput: () => { page.system = system.value; save(); } });
system.value = page.system;
const remembering = h('input', { type: 'checkbox', id: 'remember', onchange: () => { page.remember = remembering.checked; save(); } });
remembering.checked = page.remember;
const temperature = h('input', { type: 'number', id: 'temperature', min: 0, max: 2, step: 0.1, oninput: () => {
  page.temperature = within(temperature, 0, 10, page.temperature);
  save();
} });
temperature.value = String(page.temperature);
const maxTokens = h('input', { type: 'number', id: 'max-tokens', min: 1, step: 1, oninput: () => {
  page.maxTokens = Math.round(within(maxTokens, 1, 1_000_000, page.maxTokens));
  save();
} });
maxTokens.value = String(page.maxTokens);
const templateBox = field('template', t('template'), template, h('p.field-more', {}, t('templateMeans')), templateWrong, templateBack);
const systemBox = field('system', t('system'), system);
const rememberBox = h('label.check', { for: 'remember' }, remembering, t('remember'));
const settings = h('details.panel.settings', {
  open: page.settingsOpen, ontoggle: () => { page.settingsOpen = settings.open; save(); },
}, h('summary', {}, h('h2', {}, t('settings'))),
field('form', t('form'), form), templateBox, systemBox, rememberBox,
h('div.pair', {},
  field('temperature', t('temperature'), temperature, h('p.field-more', {}, t('temperatureMeans'))),
  field('max-tokens', t('maxTokens'), maxTokens)));

document.body.append(h('main.model', {},
  h('header.top', {},
    h('div.title', {}, h('div.title-line', {}, heading, badge), h('p.subtitle', {}, where, loaded)),
    h('div.actions', {},
      h('button.button.secondary', { type: 'button', onclick: () => { send({ type: 'do', action: 'choose' }); } }, icon('folder'), h('span', {}, t('otherModel'))),
      h('button.button.secondary', { type: 'button', onclick: () => { send({ type: 'do', action: 'clear' }); } }, icon('again'), h('span', {}, t('newConversation'))))),
  said, problem,
  h('div.columns', {},
    h('div.talk', {}, nothing, turns,
      h('div.composer', {}, fields, prompt, h('div.composer-foot', {}, h('span.hint', {}, t('enterSends')), stopButton, sendButton))),
    settings)));

prompt.addEventListener('input', () => { page.draft = prompt.value; save(); showButtons(); });
prompt.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  ask();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && answering()) send({ type: 'do', action: 'stop' });
});

const draw = perFrame(() => {
  const atEnd = window.innerHeight + window.scrollY >= document.body.scrollHeight - 40;
  show(nothing, state === undefined || state.turns.length === 0);
  keyed(turns, state?.turns ?? [], (turn) => String(turn.id), createTurn, updateTurn);
  if (atEnd) window.scrollTo(0, document.body.scrollHeight);
});

listen<Message>((message) => {
  if (message.type === 'state') {
    const first = state === undefined;
    state = message.state;
    showState(state);
    if (first) prompt.focus();
  } else if (state !== undefined) {
    state = { ...state, turns: changed(state.turns, message) };
    if (message.type === 'turn' && message.turn.outcome !== undefined) {
      text(said, t('answered', message.turn.answer));
      save();
    }
  }
  showButtons();
  draw();
});
send({ type: 'ready' });

function changed(known: readonly Turn[], message: Exclude<Message, { type: 'state' }>): readonly Turn[] {
  if (message.type === 'token') {
    return known.map((turn) => (turn.id === message.id ? { ...turn, answer: turn.answer + message.text } : turn));
  }
  const { turn } = message;
  const replaced = known.map((one) => (one.id === turn.id ? turn : one));
  return replaced.includes(turn) ? replaced : [...known, turn];
}

function showState(now: ModelState): void {
  const names: Record<ModelStatus, string> = {
    starting: t('modelStarting'), loading: t('modelLoading'), ready: t('modelReady'), answering: t('modelAnswering'), ended: t('modelEnded'),
  };
  const look = { starting: 'running', loading: 'running', ready: 'succeeded', answering: 'running', ended: 'failed' } as const;
  badge.dataset['state'] = look[now.status];
  badge.replaceChildren(icon(now.status === 'ready' ? 'check' : now.status === 'ended' ? 'error' : 'spin'), names[now.status]);
  text(where, now.folder);
  text(loaded, now.loadSeconds === null ? '' : ` · ${t('loadedIn', format.duration(now.loadSeconds))}`);
  show(problem, now.problem !== null);
  text(problemText, now.problem?.message ?? '');
  text(problemHint, now.problem?.hint ?? '');
  show(setUp, now.problem?.setUp === true);
  show(restart, now.status === 'ended');
  settle();
}

/** The settings as they hold for this model. */
function settle(): void {
  const chosen = formNow();
  const chat = state?.chatTemplate !== false;
  for (const option of form.options) option.disabled = option.value === 'chat' && !chat;
  form.value = chosen;
  const used = templateNow();
  if (template.value !== used) template.value = used;
  const wrong = chosen === 'template' && !used.includes('{prompt}');
  show(templateBox, chosen === 'template');
  show(templateWrong, wrong);
  attribute(template, 'aria-invalid', wrong ? 'true' : false);
  attribute(template, 'aria-describedby', wrong ? 'template-error' : false);
  show(templateBack, page.template !== undefined && page.template !== state?.template && state?.template !== '');
  show(systemBox, chosen === 'chat');
  show(rememberBox, chosen === 'chat');
  const more = chosen === 'template' ? fieldsOf(used) : [];
  keyed(fields, more, (name) => name, createField, () => undefined);
  show(fields, more.length > 0);
  showButtons();
  save();
}

function formNow(): Asking['form'] {
  const chat = state?.chatTemplate === true;
  if (page.form !== undefined && (page.form !== 'chat' || chat)) return page.form;
  if (state !== undefined && state.template !== '') return 'template';
  return chat ? 'chat' : 'raw';
}

function templateNow(): string {
  return page.template ?? (state?.template || '{prompt}');
}

/** Asked for and not at its end, be it that the model is still being loaded. */
function answering(): boolean {
  return state?.turns.some(({ outcome }) => outcome === undefined) === true;
}

function showButtons(): void {
  show(stopButton, answering());
  show(sendButton, !answering());
  const can = state?.problem === null && state.status !== 'ended' && prompt.value.trim() !== ''
    && (formNow() !== 'template' || templateNow().includes('{prompt}'));
  attribute(sendButton, 'disabled', !can);
}

function ask(): void {
  showButtons();
  if (sendButton.disabled || sendButton.hidden) return;
  const chosen = formNow();
  const used = fieldsOf(templateNow()).reduce((whole, name) => whole.replaceAll(`{${name}}`, page.fields[name] ?? ''), templateNow());
  const asking: Asking = {
    prompt: prompt.value, form: chosen, template: used, system: page.system.trim(), temperature: page.temperature,
    maxTokens: page.maxTokens, remember: page.remember,
  };
  send({ type: 'ask', asking });
  prompt.value = page.draft = '';
  save();
  window.scrollTo(0, document.body.scrollHeight);
}

function createTurn(turn: Turn): HTMLElement {
  return h('li.turn', {},
    h('div.asked', {}, h('p.asked-text', {}, turn.prompt), iconButton(t('askAgain'), 'again', () => {
      prompt.value = page.draft = turn.prompt;
      showButtons();
      prompt.focus();
    })),
    h('div.answered', {}, h('p.answer'), h('div.answer-foot', {}, h('span.outcome'), iconButton(t('copyAnswer'), 'copy', () => {
      send({ type: 'do', action: 'copyText', text: state?.turns.find(({ id }) => id === turn.id)?.answer ?? '' });
    }))));
}

function updateTurn(row: HTMLElement, turn: Turn): void {
  text(part(row, '.answer'), turn.answer);
  show(part(row, '.answer-foot button'), turn.answer !== '');
  row.classList.toggle('coming', turn.outcome === undefined);
  row.classList.toggle('failed', turn.outcome?.finish === 'failed');
  text(part(row, '.outcome'), turn.outcome === undefined ? '' : outcomeText(turn.outcome, turn.answer));
}

function outcomeText(outcome: Outcome, answer: string): string {
  if (outcome.finish === 'failed') return outcome.error ?? t('stateFailed');
  return [
    t('tokens', format.count(outcome.tokens)),
    outcome.tokensPerSecond === null ? '' : t('rate', format.value(Math.round(outcome.tokensPerSecond * 10) / 10)),
    outcome.firstToken === null ? '' : t('firstAfter', format.latency(outcome.firstToken)),
    outcome.finish === 'length' ? t('cutAtLimit') : outcome.finish === 'stopped' ? t('wasStopped') : answer === '' ? t('endedAtOnce') : '',
  ].filter((one) => one !== '').join(' · ');
}

function createField(name: string): HTMLElement {
  const input = h('input', { type: 'text', id: `field-${name}`, oninput: () => { page.fields[name] = input.value; save(); } });
  input.value = page.fields[name] ?? '';
  return field(`field-${name}`, name, input);
}

function field(id: string, label: string, ...content: HTMLElement[]): HTMLElement {
  return h('div.field', {}, h('label', { for: id }, label), ...content);
}

function within(input: HTMLInputElement, low: number, high: number, otherwise: number): number {
  const value = input.valueAsNumber;
  const fits = Number.isFinite(value) && value >= low && value <= high;
  attribute(input, 'aria-invalid', fits ? false : 'true');
  return fits ? value : otherwise;
}

function save(): void {
  page.turns = (state?.turns ?? page.turns).filter(({ outcome }) => outcome !== undefined).slice(-KEPT);
  remember(page);
}
