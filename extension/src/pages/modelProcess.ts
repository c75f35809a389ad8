/**
 * `olivepress generate --serve-stdio` as a process of this extension: a model that stays loaded. Lines of JSON each
 * way, described in cli/olivepress/generate_stdio.py. Knows no editor. The process ends when its stdin is closed.
 */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Ready {
  readonly chat_template: boolean;
  readonly context_length: number;
  readonly providers: readonly string[];
  readonly load_s: number;
}

export interface Finished {
  readonly text: string;
  readonly tokens: number;
  readonly tokens_per_second?: number | null;
  readonly first_token_s?: number;
  readonly finish: 'stop' | 'length' | 'stopped';
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface ModelListener {
  loading(): void;
  ready(facts: Ready): void;
  token(id: number, text: string): void;
  finished(id: number, outcome: Finished): void;
  /** Without an id: nothing will be answered. */
  failed(failure: Failure, id?: number): void;
  /** It is gone; `said` is the end of what it wrote on stderr. Not called after `end`. */
  ended(said: string): void;
}

export interface ModelProcess {
  ask(id: number, request: object): void;
  cancel(id: number): void;
  end(): void;
}

export interface ModelCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** How long a process that was told to end may take, in ms. */
const GRACE = 2000;
const KEPT_STDERR = 4000;

interface Line {
  readonly id?: number;
  readonly loading?: string;
  readonly ready?: boolean;
  readonly token?: string;
  readonly done?: boolean;
  readonly error?: Failure;
}

export function startModel({ command, args, env, cwd }: ModelCommand, listener: ModelListener): ModelProcess {
  const child = spawn(command, args, { env, stdio: 'pipe', windowsHide: true, ...(cwd !== undefined && { cwd }) });
  let over = false;
  let said = '';
  const gone = (why: string): void => {
    if (over) return;
    over = true;
    listener.ended(why);
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-KEPT_STDERR); });
  // Writing to a process that has just ended is no error of its own: `close` tells it.
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => { gone(error.message); });
  child.on('close', (code, signal) => { gone(said.trim() || String(signal ?? code ?? '')); });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = parse(text);
    if (line !== undefined && !over) hear(line, listener);
  });
  const send = (request: object): void => { child.stdin.write(`${JSON.stringify(request)}\n`); };
  return {
    ask: (id, request) => { send({ ...request, id }); },
    cancel: (id) => { send({ cancel: id }); },
    end: () => {
      over = true;
      child.stdin.end();
      child.kill();
      const timer = setTimeout(() => { child.kill('SIGKILL'); }, GRACE);
      child.once('close', () => { clearTimeout(timer); });
    },
  };
}

function parse(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as unknown;
    return typeof line === 'object' && line !== null ? line : undefined;
  } catch {
    return undefined;
  }
}

function hear(line: Line, listener: ModelListener): void {
  if (line.error !== undefined) listener.failed(line.error, line.id);
  else if (line.loading !== undefined) listener.loading();
  else if (line.ready === true) listener.ready(line as unknown as Ready);
  else if (line.id === undefined) return;
  else if (line.token !== undefined) listener.token(line.id, line.token);
  else if (line.done === true) listener.finished(line.id, line as unknown as Finished);
}
