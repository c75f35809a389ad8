/** A change of the run page travels as what is new, and comes out as the whole. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPageState } from '../../src/pages/runPageState.ts';
import { apply, difference, seriesKey, type RunPageState } from '../../src/pages/runState.ts';
import { newRun, takeRead, type RunModel } from '../../src/runs/model.ts';
import type { Event, Run } from '../../src/protocol.ts';

const RECORD: Run = {
  id: '20261124-1', state: 'running', pid: 1, config: '/w/olive-config.json', created: '2026-11-24T10:00:00.000Z',
  started: '2026-11-24T10:00:01.000Z', finished: null, output_dir: '/w/out', error: null, host: 'h', boot: 'b',
  pid_started: null, attempt: 1, folder: '/w/.olivepress/runs/20261124-1',
  options: { trust_user_script: false, lenient: false, python: null },
  passes: [{ name: 'lora', type: 'LoRA', state: 'running', cached: false }],
};

function tell(run: RunModel, type: Event['type'], data: object, pass: string | null = 'lora'): void {
  const seq = run.lastSeq + 1;
  const time = new Date(Date.parse('2026-11-24T10:00:01.000Z') + seq * 1000).toISOString();
  takeRead(run, run.lastSeq, [{ seq, time, type, pass_name: pass, data } as unknown as Event]);
}

function shown(run: RunModel): RunPageState {
  return runPageState(run, { stopping: false, place: 'olive-config.json', line: ({ message }) => message });
}

/** As it is after its journey: JSON there. */
function sent(before: RunPageState, after: RunPageState): RunPageState {
  const patch = difference(before, after);
  assert.ok(patch !== undefined);
  return apply(before, JSON.parse(JSON.stringify(patch)) as typeof patch);
}

function step(run: RunModel, number: number): void {
  tell(run, 'metric', { step: number, loss: 3 / number, learning_rate: 1e-4 });
  tell(run, 'progress', { phase: 'train', done: number, total: 9000, unit: 'step', memory_bytes: 1e9 + number });
}

function begun(): RunModel {
  const run = newRun(RECORD);
  tell(run, 'run_started', { run_id: run.id, attempt: 1, resumed: false, passes: [{ name: 'lora', type: 'LoRA' }] }, null);
  tell(run, 'pass_started', { index: 0, total: 1, type: 'LoRA', cached: false });
  return run;
}

test('nothing new is nothing to send', () => {
  const run = begun();
  assert.equal(difference(shown(run), shown(run)), undefined);
});

test('a step is two points and what changed of its pass, not the whole', () => {
  const run = begun();
  for (let number = 1; number <= 500; number += 1) step(run, number);
  const before = shown(run);
  step(run, 501);
  const after = shown(run);
  const patch = difference(before, after);
  assert.deepEqual(patch?.series?.[seriesKey('loss', 'lora')], { keep: 500, add: [[501, 3 / 501]] });
  assert.deepEqual(Object.keys(patch.facts ?? {}), ['passes']);
  assert.ok(JSON.stringify(patch).length < 1500);
  assert.deepEqual(sent(before, after), after);
});

test('a curve that was thinned meanwhile is the same curve there', () => {
  const run = begun();
  let before = shown(run);
  for (let number = 1; number <= 9000; number += 1) {
    step(run, number);
    if (number % 700 === 0) {
      const after = shown(run);
      before = sent(before, after);
      assert.deepEqual(before, after);
    }
  }
});

test('a log that rolls over keeps its numbers', () => {
  const run = begun();
  let before = shown(run);
  for (let number = 1; number <= 12_000; number += 1) {
    tell(run, 'log', { level: 'info', message: `line ${number}` });
    if (number % 3000 === 0 || number === 100) {
      const after = shown(run);
      before = sent(before, after);
      assert.deepEqual(before.log, after.log);
    }
  }
  assert.equal(before.log.lines.length, 5000);
  assert.equal(before.log.lines.at(-1)?.text, 'line 12000');
});

test('a log that began anew replaces the one that was known', () => {
  const run = begun();
  tell(run, 'log', { level: 'info', message: 'old' });
  tell(run, 'log', { level: 'info', message: 'older' });
  const fresh = newRun(RECORD);
  tell(fresh, 'log', { level: 'error', message: 'new' });
  assert.deepEqual(sent(shown(run), shown(fresh)).log, shown(fresh).log);
});

test('what failed, where, and how long it took', () => {
  const run = begun();
  const failed = newRun({
    ...RECORD, state: 'failed', finished: '2026-11-24T10:01:03.000Z',
    error: { code: 'x', message: 'the loss is nan', hint: 'a lower rate', pointer: '/passes/lora', line: 32, column: 24 },
    passes: [{ name: 'lora', type: 'LoRA', state: 'failed', cached: false }, { name: 'build', type: 'ModelBuilder', state: 'waiting', cached: false }],
  });
  tell(failed, 'run_started', { run_id: run.id, attempt: 1, resumed: false, passes: RECORD.passes }, null);
  tell(failed, 'pass_started', { index: 0, total: 2, type: 'LoRA', cached: false });
  const { facts } = shown(failed);
  assert.deepEqual(facts.error, { message: 'the loss is nan', hint: 'a lower rate', place: 'olive-config.json:32:24' });
  assert.deepEqual(facts.passes.map(({ name, state, seconds }) => [name, state, seconds]), [['lora', 'failed', 60], ['build', 'skipped', null]]);
});
