/** Records and events to a view: each event once and in order, whatever the order in which they come. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allRead, LOG_LINES, missing, newRun, takePushed, takeRead, takeRecord, type RunModel, type RunView,
} from '../../src/runs/model.ts';
import { share } from '../../src/runs/view.ts';
import { begins, ends, events, finished, passRecord, progress, record, says, started, step, TIME } from './kit.mts';

const WHOLE = events([
  started(), begins('lora'), step(1), progress(1, 4), says('half'), step(2), ends('lora'),
  ['artifact', 'lora', { kind: 'adapter', path: '/w/out/adapter', size_bytes: 5 }],
  begins('int4'), ends('int4'), finished('succeeded'),
]);

/** What a view shows, as plain data. */
function told(run: RunView): unknown {
  const { passes, log, series, artifacts, lastSeq, state } = run;
  const plain = passes.map(({ name, state, metrics, series, started, finished }) => (
    { name, state, metrics, series, started, finished }
  ));
  return { plain, log: log.toArray(), series, artifacts, lastSeq, state };
}

function inOrder(): RunModel {
  const run = newRun(record());
  takePushed(run, WHOLE);
  return run;
}

test('a whole run', () => {
  const run = inOrder();
  assert.deepEqual(run.passes.map(({ name, state }) => [name, state]), [['lora', 'done'], ['int4', 'done']]);
  const { series, metrics } = run.passes[0] ?? assert.fail();
  assert.deepEqual(series['loss'], [[1, 1, TIME + 3000], [2, 0.5, TIME + 6000]]);
  assert.equal(metrics['loss'], 0.5);
  assert.deepEqual(series['memory_bytes'], [[3, 1e9, TIME + 4000]]);
  assert.deepEqual(run.artifacts.map(({ path }) => path), ['/w/out/adapter']);
  assert.deepEqual(run.summary, { a: 1 });
  assert.deepEqual(run.log.toArray().map(({ kind, message }) => `${kind} ${message}`.trim()), [
    'run_started', 'pass_started', 'log half', 'pass_finished done', 'artifact /w/out/adapter', 'pass_started',
    'pass_finished done', 'run_finished succeeded',
  ]);
});

test('events twice change nothing', () => {
  const run = inOrder();
  const before = told(run);
  takePushed(run, WHOLE);
  takeRead(run, 0, WHOLE);
  assert.deepEqual(told(run), before);
});

test('any order gives the same', () => {
  let seed = 1;
  const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 50; round++) {
    const shuffled = [...WHOLE, ...WHOLE.slice(3, 6)].sort(() => random() - 0.5);
    const run = newRun(record());
    for (const event of shuffled) {
      takePushed(run, [event]);
    }
    assert.equal(missing(run), false);
    assert.deepEqual(told(run), told(inOrder()));
  }
});

test('what stands behind a gap waits until the gap was read', () => {
  const run = newRun(record());
  takePushed(run, WHOLE.slice(0, 3));
  takePushed(run, WHOLE.slice(6));
  assert.equal(run.lastSeq, 3);
  assert.equal(missing(run), true);
  takeRead(run, 3, WHOLE.slice(3));
  allRead(run);
  assert.equal(missing(run), false);
  assert.deepEqual(told(run), told(inOrder()));
});

test('a number that the file does not have is no gap', () => {
  const run = newRun(record());
  const holed = WHOLE.filter(({ seq }) => seq !== 5);
  takePushed(run, holed);
  assert.equal(run.lastSeq, 4);
  takeRead(run, 4, holed.slice(4));
  allRead(run);
  assert.deepEqual([run.lastSeq, missing(run)], [11, false]);
});

test('a stretch that begins too late is not taken', () => {
  const run = newRun(record());
  takeRead(run, 5, WHOLE.slice(5));
  assert.equal(run.lastSeq, 0);
});

test('a run that is only known by its record', () => {
  const passes = [passRecord('lora', 'succeeded', true), passRecord('int4', 'failed')];
  const run = newRun(record('failed', { passes }));
  assert.deepEqual(run.passes.map(({ state }) => state), ['cached', 'failed']);
  assert.equal(run.final, true);
});

test('what was going on when a run was lost has failed, what waited was not run', () => {
  const run = newRun(record());
  takePushed(run, WHOLE.slice(0, 4));
  assert.deepEqual(run.passes.map(({ state }) => state), ['running', 'waiting']);
  takeRecord(run, record('lost', { passes: [passRecord('lora', 'running'), passRecord('int4')] }));
  assert.deepEqual(run.passes.map(({ state }) => state), ['failed', 'skipped']);
  assert.equal(run.passes[0]?.progress, null);
});

test('a record that comes late does not undo the end', () => {
  const run = newRun(record('succeeded'));
  takeRecord(run, record('running'));
  assert.equal(run.state, 'succeeded');
  takeRecord(run, record('queued', { attempt: 2 }));
  assert.equal(run.state, 'queued');
});

test('the record is ahead of the events that are read later', () => {
  const passes = [passRecord('lora', 'succeeded'), passRecord('int4', 'succeeded')];
  const run = newRun(record('succeeded', { passes }));
  takeRead(run, 0, WHOLE.slice(0, 4));
  assert.deepEqual(run.passes.map(({ state }) => state), ['done', 'done']);
});

test('a resumed run repeats steps: the curve has each once, and goes on', () => {
  const run = newRun(record());
  takePushed(run, events([started(), begins('lora'), step(1), step(2), step(3, 9)]));
  takeRecord(run, record('lost', { passes: [passRecord('lora', 'running')] }));
  takeRecord(run, record('queued', { attempt: 2, passes: [passRecord('lora', 'running')] }));
  assert.deepEqual(run.passes.map(({ state }) => state), ['waiting', 'waiting']);
  takeRecord(run, record('running', { attempt: 2 }));
  takePushed(run, events([started(2), begins('lora'), step(3), step(4)], 6));
  assert.deepEqual(run.series['loss']?.map(([x, value]) => [x, value]), [[1, 1], [2, 1 / 2], [3, 1 / 3], [4, 1 / 4]]);
  assert.deepEqual(run.passes.map(({ state }) => state), ['running', 'waiting']);
});

test('a loss that is no number is known, and not on the curve', () => {
  const run = newRun(record());
  takePushed(run, events([started(), begins('lora'), step(1), step(2, 'NaN')]));
  assert.ok(Number.isNaN(run.passes[0]?.metrics['loss']));
  assert.equal(run.series['loss']?.length, 1);
});

test('curves are thinned, the first and the newest point stay', () => {
  const run = newRun(record());
  const many = 25_000;
  takePushed(run, events([started(), begins('lora'), ...Array.from({ length: many }, (_, index) => step(index + 1))]));
  const points = run.series['loss'] ?? [];
  assert.ok(points.length > 900 && points.length <= 2000, String(points.length));
  assert.equal(points[0]?.[0], 1);
  assert.equal(points.at(-1)?.[0], many);
  const gaps = points.slice(1, -1).map(([x], index) => x - (points[index]?.[0] ?? 0));
  assert.equal(new Set(gaps).size, 1);
});

test('the log keeps its newest lines and says how many there were', () => {
  const run = newRun(record());
  const many = LOG_LINES + 7;
  takePushed(run, events([started(), ...Array.from({ length: many }, (_, index) => says(`line ${index}`))]));
  assert.equal(run.log.length, LOG_LINES);
  assert.equal(run.log.total, many + 1);
  assert.equal(run.log.toArray()[0]?.message, 'line 7');
  assert.deepEqual(run.log.since(many - 1).map(({ message }) => message), [`line ${many - 2}`, `line ${many - 1}`]);
  assert.equal(run.log.since(0).length, LOG_LINES);
  assert.deepEqual(run.log.since(many + 1), []);
});

test('how far a run is', () => {
  const run = newRun(record());
  assert.equal(share(run), 0);
  takePushed(run, WHOLE.slice(0, 4));
  assert.equal(share(run), 0.125);
  takePushed(run, WHOLE);
  assert.equal(share(run), 1);
});

test('types of events that are not known yet change nothing', () => {
  const run = newRun(record());
  takePushed(run, events([started(), ['weather', null, { sun: true }], begins('lora')]));
  assert.equal(run.lastSeq, 3);
  assert.equal(run.passes[0]?.state, 'running');
});
