/** Try the Model: a process that holds the model, for as long as its page is open. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { pythonCommand, type Services } from '../services.ts';
import { parseConfig } from './configDiff.ts';
import { engineWouldHelp } from './engineCodes.ts';
import { baseName } from './format.ts';
import { startModel, type Failure, type ModelProcess } from './modelProcess.ts';
import type { Asking, ModelState, Turn } from './pageStates.ts';
import type { Page, PageHandler, PageKind } from './panel.ts';
import { copy } from './places.ts';
import { askingTemplate, textTemplateOf } from './promptTemplate.ts';

export interface ModelSubject {
  /** Of the built model, or the output folder that holds it. */
  readonly folder: string;
  /** The directory of the run that made it: its config has the template. */
  readonly run: string | null;
}

interface Request {
  readonly type: string;
  readonly action?: string;
  readonly text?: string;
  readonly asking?: Asking;
}

/** How often pieces of an answer are sent on, in ms. */
const PIECES = 60;

export function modelPages(services: Services, choose: () => Promise<void>): PageKind<ModelSubject> {
  return {
    type: 'olivepress.model',
    script: 'tryModel',
    title: ({ folder }) => vscode.l10n.t('Try: {0}', nameOf(folder)),
    key: ({ folder }) => folder,
    restore: (kept) => {
      const { folder, run } = (kept ?? {}) as { folder?: unknown; run?: unknown };
      return typeof folder === 'string' ? { folder, run: typeof run === 'string' ? run : null } : undefined;
    },
    start: (page, subject, remembered) => start(services, page, subject, remembered, choose),
  };
}

/** `out/model` is called `out`: every model lies in a folder of that name. */
function nameOf(folder: string): string {
  return baseName(folder) === 'model' ? baseName(path.dirname(folder)) : baseName(folder);
}

function start(
  services: Services, page: Page, { folder, run }: ModelSubject, remembered: unknown, choose: () => Promise<void>,
): PageHandler {
  const kept = ((remembered ?? {}) as { turns?: readonly Turn[] }).turns;
  let state: ModelState = {
    folder, name: nameOf(folder), status: 'starting', problem: null, chatTemplate: false, contextLength: null,
    loadSeconds: null, template: '', turns: Array.isArray(kept) ? kept : [],
  };
  let process: ModelProcess | undefined;
  /** Counts the processes: what an earlier one still says is nobody's business. */
  let generation = 0;
  let pieces = '';
  let timer: NodeJS.Timeout | undefined;

  function set(change: Partial<ModelState>): void {
    state = { ...state, ...change };
    page.post({ type: 'state', state });
  }

  function change(id: number, next: (turn: Turn) => Turn): void {
    state = { ...state, turns: state.turns.map((turn) => (turn.id === id ? next(turn) : turn)) };
  }

  /** The turn whose answer has not come to its end. */
  function open(): Turn | undefined {
    return state.turns.find(({ outcome }) => outcome === undefined);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const turn = open();
    if (pieces === '' || turn === undefined) return;
    const text = pieces;
    pieces = '';
    change(turn.id, (known) => ({ ...known, answer: known.answer + text }));
    page.post({ type: 'token', id: turn.id, text });
  }

  function close(id: number, next: (turn: Turn) => Turn): void {
    flush();
    change(id, next);
    const turn = state.turns.find((one) => one.id === id);
    page.post({ type: 'turn', turn });
  }

  function fail(id: number, error: string): void {
    close(id, (turn) => ({
      ...turn, outcome: { tokens: 0, tokensPerSecond: null, firstToken: null, finish: 'failed', error },
    }));
  }

  function over(problem: ModelState['problem']): void {
    process = undefined;
    for (const { id, outcome } of state.turns) {
      if (outcome === undefined) fail(id, problem?.message ?? '');
    }
    set({ status: 'ended', problem });
  }

  async function load(): Promise<void> {
    process?.end();
    process = undefined;
    generation += 1;
    const mine = generation;
    const heard = (): boolean => mine === generation;
    set({ status: 'starting', problem: null, loadSeconds: null });
    if (!vscode.workspace.isTrusted) {
      over({ message: vscode.l10n.t('This workspace is not trusted, so nothing runs in it.'), hint: '', setUp: false });
      return;
    }
    const [interpreter, template] = await Promise.all([
      services.interpreters.current(vscode.Uri.file(folder)), state.template === '' ? templateOf(run) : state.template,
    ]);
    if (!heard()) return;
    set({ template });
    if (interpreter === undefined) {
      over({ message: vscode.l10n.t('No Python 3.10 or newer was found.'), hint: '', setUp: true });
      return;
    }
    const command = pythonCommand(services, interpreter, 'olivepress', ['generate', '--model', folder, '--serve-stdio']);
    let failure: Failure | undefined;
    // Not in a folder of the user's: Python looks for modules where it is started.
    process = startModel({ ...command, cwd: services.context.extensionPath }, {
      loading: () => { if (heard()) set({ status: 'loading' }); },
      ready: (facts) => {
        if (!heard()) return;
        set({
          status: open() === undefined ? 'ready' : 'answering', chatTemplate: facts.chat_template, contextLength: facts.context_length,
          loadSeconds: facts.load_s,
        });
      },
      token: (_id, text) => {
        if (!heard()) return;
        pieces += text;
        timer ??= setTimeout(flush, PIECES);
      },
      finished: (id, said) => {
        if (!heard()) return;
        close(id, (turn) => ({
          ...turn,
          answer: said.text,
          outcome: {
            tokens: said.tokens, tokensPerSecond: said.tokens_per_second ?? null,
            firstToken: said.first_token_s ?? null, finish: said.finish,
          },
        }));
        set({ status: 'ready' });
      },
      failed: (error, id) => {
        if (!heard()) return;
        if (id === undefined) {
          failure = error;
          return;
        }
        fail(id, [error.message, error.hint].filter((one) => one !== '').join('. '));
        set({ status: 'ready' });
      },
      ended: (said) => {
        if (!heard()) return;
        services.log.warn(`Try the Model: ${interpreter.path}: ${failure?.message ?? said}`);
        over(failure === undefined ? unexpected(said, interpreter.path) : {
          message: failure.message, hint: failure.hint, setUp: engineWouldHelp(failure.code),
        });
      },
    });
  }

  function ask(asking: Asking): void {
    if (process === undefined || state.status === 'ended') return;
    const id = Math.max(0, ...state.turns.map((turn) => turn.id)) + 1;
    const said = state.turns.filter(({ outcome }) => outcome !== undefined && outcome.finish !== 'failed');
    const turn: Turn = { id, prompt: asking.prompt, answer: '' };
    set({ status: state.status === 'ready' ? 'answering' : state.status, turns: [...state.turns, turn] });
    process.ask(id, requestOf(asking, said));
  }

  function stop(): void {
    const turn = open();
    if (turn !== undefined) process?.cancel(turn.id);
  }

  void load();
  page.disposables.push(new vscode.Disposable(() => {
    generation += 1;
    clearTimeout(timer);
    process?.end();
  }), services.interpreters.onDidChange(() => {
    if (state.status === 'ended') void load();
  }));

  return {
    ready() {
      flush();
      page.post({ type: 'state', state });
    },
    async message({ type, action, text, asking }: Request) {
      if (type === 'ask' && asking !== undefined) ask(asking);
      switch (action ?? '') {
        case 'stop': stop(); break;
        case 'clear':
          stop();
          set({ turns: state.turns.filter(({ outcome }) => outcome === undefined) });
          break;
        case 'restart': await load(); break;
        case 'choose': await choose(); break;
        case 'copyText': await copy(text ?? ''); break;
        case 'setUp': await vscode.commands.executeCommand('olivepress.setUpEngine'); break;
        default:
      }
    },
  };
}

/** With the model's chat template what was said before goes along, if that is wanted. */
function requestOf(asking: Asking, said: readonly Turn[]): object {
  const sampling = { max_new_tokens: asking.maxTokens, temperature: asking.temperature };
  if (asking.form === 'template') return { prompt: asking.prompt, template: asking.template, ...sampling };
  if (asking.form === 'raw') return { prompt: asking.prompt, raw: true, ...sampling };
  const before = asking.remember ? said.flatMap(({ prompt, answer }) => [
    { role: 'user', content: prompt }, { role: 'assistant', content: answer },
  ]) : [];
  return {
    messages: [...before, { role: 'user', content: asking.prompt }],
    ...(asking.system !== '' && { system: asking.system }),
    ...sampling,
  };
}

async function templateOf(run: string | null): Promise<string> {
  if (run === null) return '';
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(path.join(run, 'config.json')));
    return askingTemplate(textTemplateOf(parseConfig(new TextDecoder().decode(bytes))));
  } catch {
    return '';
  }
}

/** It ended without a word of its own: what Python said last. */
function unexpected(said: string, python: string): ModelState['problem'] {
  const last = said.split('\n').filter((line) => line.trim() !== '').at(-1) ?? '';
  if (last.includes('No module named')) {
    return { message: vscode.l10n.t('{0} lacks the packages that Try the Model needs.', python), hint: last, setUp: true };
  }
  return { message: vscode.l10n.t('The process that runs the model has ended.'), hint: last, setUp: false };
}
