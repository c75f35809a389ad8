/** A process that answers lines with lines, and ends with whoever started it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startModel, type ModelListener, type ModelProcess } from '../../src/pages/modelProcess.ts';

type Heard = [name: string, ...values: unknown[]];

/** A model whose program is a few lines of Node, and what is heard of it. */
function talk(program: string): { model: ModelProcess; until: (name: string) => Promise<Heard>; heard: Heard[] } {
  const heard: Heard[] = [];
  const waiting = new Map<string, (heard: Heard) => void>();
  const hear = (...what: Heard): void => {
    heard.push(what);
    waiting.get(what[0])?.(what);
  };
  const listener: ModelListener = {
    loading: () => { hear('loading'); },
    ready: (facts) => { hear('ready', facts.context_length); },
    token: (id, text) => { hear('token', id, text); },
    finished: (id, { finish }) => { hear('finished', id, finish); },
    failed: (failure, id) => { hear('failed', failure.message, id); },
    ended: (said) => { hear('ended', said); },
  };
  const model = startModel({ command: process.execPath, args: ['-e', program], env: process.env }, listener);
  const until = (name: string): Promise<Heard> => new Promise((resolve) => {
    const known = heard.find(([one]) => one === name);
    if (known !== undefined) resolve(known);
    else waiting.set(name, resolve);
  });
  return { model, until, heard };
}

const SAY = 'const say = (line) => process.stdout.write(JSON.stringify(line) + "\\n");';
const READ = 'require("node:readline").createInterface({ input: process.stdin }).on("line", (text) => { const asked = JSON.parse(text);';

test('it loads, answers piece by piece, and is cancelled', async () => {
  const { model, until, heard } = talk(`${SAY} say({ loading: "m" }); say({ ready: true, context_length: 64 });
    process.stdout.write("not a line of ours\\n");
    ${READ} if (asked.cancel) say({ id: asked.cancel, done: true, finish: "stopped" });
    else say({ id: asked.id, token: asked.prompt }); });`);
  model.ask(7, { prompt: 'é' });
  assert.deepEqual(await until('token'), ['token', 7, 'é']);
  model.cancel(7);
  assert.deepEqual(await until('finished'), ['finished', 7, 'stopped']);
  assert.deepEqual(heard.slice(0, 2), [['loading'], ['ready', 64]]);
  model.end();
});

test('a refusal of one answer, and one of everything', async () => {
  const { model, until } = talk(`${SAY} ${READ} say({ id: asked.id, error: { message: "too long", code: "x", hint: "" } }); });`);
  model.ask(1, {});
  assert.deepEqual(await until('failed'), ['failed', 'too long', 1]);
  model.end();
  const other = talk(`${SAY} say({ error: { message: "no such model", code: "x", hint: "" } });`);
  assert.deepEqual(await other.until('failed'), ['failed', 'no such model', undefined]);
  await other.until('ended');
});

test('the end of what it said on stderr is told when it ends of itself', async () => {
  const { until } = talk('process.stderr.write("Traceback\\nNo module named olivepress\\n"); process.exitCode = 1;');
  assert.deepEqual(await until('ended'), ['ended', 'Traceback\nNo module named olivepress']);
});

test('an interpreter that is not there is told', async () => {
  const said = await new Promise<string>((resolve) => {
    const nothing = (): void => undefined;
    startModel({ command: '/nowhere/python', args: [], env: {} }, {
      loading: nothing, ready: nothing, token: nothing, finished: nothing, failed: nothing, ended: resolve,
    });
  });
  assert.match(said, /ENOENT/);
});

test('ending it says nothing more', async () => {
  const { model, until, heard } = talk(`${SAY} say({ loading: "m" }); ${READ} });`);
  await until('loading');
  model.end();
  model.ask(1, {});
  assert.deepEqual(heard, [['loading']]);
});
