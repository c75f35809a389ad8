/** The runs of a window over a server that comes and goes: here it has a file of events and forgets the rest. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, Run } from '../../src/protocol.ts';
import { makeBook, type Book } from '../../src/runs/book.ts';
import { begins, ends, events, finished, passRecord, record, says, started, step } from './kit.mts';

const ID = record().id;
const WHOLE = events([
  started(), begins('lora'), ...Array.from({ length: 30 }, (_, index) => step(index + 1)), ends('lora'), finished('succeeded'),
]);
const PAGE = 7;

class FakeServer {
  runs: Run[] = [record()];
  file: readonly Event[] = WHOLE;
  asked: string[] = [];
  down = false;
  /** Called between a question and its answer. */
  meanwhile: () => void = () => undefined;

  ask = async <T,>(command: string, argument: object): Promise<T> => {
    await Promise.resolve();
    this.asked.push(command);
    if (this.down) {
      throw new Error('the server is gone');
    }
    const answer = command === 'olivepress.runs' ? this.runs : this.page(argument as { after: number; offset: number });
    this.meanwhile();
    return answer as T;
  };

  private page({ after, offset }: { after: number; offset: number }): object {
    const end = Math.min(offset + PAGE, this.file.length);
    const found = this.file.slice(offset, end).filter(({ seq }) => seq > after);
    return { events: found, offset: end, more: end < this.file.length };
  }
}

function begin(): { server: FakeServer; book: Book; changes: Set<string> } {
  const server = new FakeServer();
  const changes = new Set<string>();
  const book = makeBook({
    ask: server.ask,
    changed: (ids) => { ids.forEach((id) => changes.add(id)); },
    failed: () => undefined,
  });
  return { server, book, changes };
}

const push = (book: Book, sent: readonly Event[], more = false): void => {
  book.takeEvents({ run_id: ID, events: sent, more });
};
const steps = (book: Book): number[] => (book.get(ID)?.series['loss'] ?? []).map(([x]) => x);
const ALL_STEPS = Array.from({ length: 30 }, (_, index) => index + 1);

/** Until nothing is asked any more. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    await Promise.resolve();
  }
}

test('a run is completed page by page, also while its events are pushed', async () => {
  const { server, book } = begin();
  await book.refresh();
  server.meanwhile = () => { push(book, WHOLE.slice(0, 12), true); };
  const run = await book.complete(ID);
  assert.equal(run.lastSeq, WHOLE.length);
  assert.deepEqual(steps(book), ALL_STEPS);
  assert.equal(run.complete, true);
});

test('a gap in what is pushed is read', async () => {
  const { book } = begin();
  await book.refresh();
  push(book, WHOLE.slice(0, 5));
  push(book, WHOLE.slice(20));
  await settled();
  assert.deepEqual(steps(book), ALL_STEPS);
});

test('a run that ended while the server was away is complete after it is back', async () => {
  const { server, book } = begin();
  await book.refresh();
  push(book, WHOLE.slice(0, 10));
  assert.equal(book.get(ID)?.complete, true);
  book.disconnected();
  assert.equal(book.get(ID)?.complete, false);
  server.runs = [record('succeeded', { passes: [passRecord('lora', 'succeeded'), passRecord('int4')] })];
  await book.refresh();
  await settled();
  assert.equal(book.get(ID)?.state, 'succeeded');
  assert.deepEqual(steps(book), ALL_STEPS);
  assert.equal(book.get(ID)?.complete, true);
});

test('the next server is told how far each run is known', async () => {
  const { server, book } = begin();
  server.runs = [record(), record('queued', { id: 'other' })];
  await book.refresh();
  push(book, WHOLE.slice(0, 10));
  assert.deepEqual(book.seen(), { [ID]: 10 });
});

test('reading that was cut off goes on later, and leaves nothing out', async () => {
  const { server, book } = begin();
  await book.refresh();
  server.meanwhile = () => { server.down = server.asked.length > 3; };
  await assert.rejects(book.complete(ID), /gone/);
  server.meanwhile = () => undefined;
  server.down = false;
  await book.complete(ID);
  assert.deepEqual(steps(book), ALL_STEPS);
});

test('runs that are gone are forgotten, those that began meanwhile are not', async () => {
  const { server, book, changes } = begin();
  await book.refresh();
  server.runs = [];
  server.meanwhile = () => {
    book.takeState({ run_id: 'new', state: 'queued', run: record('queued', { id: 'new' }) });
  };
  await book.refresh();
  assert.notEqual(book.get('new'), undefined);
  server.meanwhile = () => undefined;
  server.runs = [record('queued', { id: 'new' })];
  await book.refresh();
  assert.equal(book.get(ID), undefined);
  book.takeRemoved({ run_id: 'new' });
  assert.deepEqual(book.all, []);
  assert.ok(changes.has('new'));
});

test('the newest run comes first', async () => {
  const { server, book } = begin();
  server.runs = ['1', '3', '2'].map((id) => record('succeeded', { id, created: `2026-01-0${id}T00:00:00.000Z` }));
  await book.refresh();
  assert.deepEqual(book.all.map(({ id }) => id), ['3', '2', '1']);
});

test('a run that nobody knows is refused', async () => {
  const { book } = begin();
  await assert.rejects(book.complete('none'), /no run none/);
});

test('ten thousand lines are taken within a fraction of a second', async () => {
  const { book } = begin();
  await book.refresh();
  const lines = events([started(), ...Array.from({ length: 10_000 }, (_, index) => says(`line ${index}`))]);
  for (let index = 0; index < lines.length; index += 250) {
    push(book, lines.slice(index, index + 250), true);
  }
  assert.equal(book.get(ID)?.log.total, 10_001);
});
