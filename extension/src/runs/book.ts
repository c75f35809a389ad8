// The runs that are known: kept current from what the server tells, and complete by asking for what was missed.
//
// No editor here: `ask` and `changed` are all that it knows of the world. The server may come and go, messages may be
// lost with it: after each start `refresh` asks for all runs, and every gap in the numbers of events is read again.

import type { EventsPage, Run, RunChanged, RunEvents, RunRemoved } from '../protocol.ts';
import {
  allRead, missing, newRun, takePushed, takeRead, takeRecord, type RunModel, type RunView,
} from './model.ts';

export interface BookPort {
  /** A command of the server. */
  ask<T>(command: string, argument: object): Promise<T>;
  /** These runs are other ones than they were; those that are gone as well. */
  changed(ids: readonly string[]): void;
  failed(what: string, error: unknown): void;
}

export interface Book {
  /** Newest first. */
  readonly all: readonly RunView[];
  readonly get: (id: string) => RunView | undefined;
  /** All runs, asked of the server; what was missed of those that are followed is read. */
  readonly refresh: () => Promise<void>;
  /** All events of a run up to now. */
  readonly complete: (id: string) => Promise<RunView>;
  /** The last event of each run whose events are followed: the server goes on from there. */
  readonly seen: () => Record<string, number>;
  /** The server is gone: what comes next may leave something out. */
  readonly disconnected: () => void;
  readonly takeEvents: (told: RunEvents) => void;
  readonly takeState: (told: RunChanged) => void;
  readonly takeRemoved: (told: RunRemoved) => void;
}

export function makeBook(port: BookPort): Book {
  const runs = new Map<string, RunModel>();
  /** Where reading goes on in a run's file of events. */
  const offsets = new Map<string, number>();
  const reading = new Map<string, Promise<void>>();
  let sorted: readonly RunView[] | undefined;
  /** Rises with whatever the server tells of the list of runs by itself. */
  let told = 0;

  const add = (record: Run): RunModel => {
    const run = newRun(record);
    runs.set(run.id, run);
    sorted = undefined;
    return run;
  };

  const remove = (id: string): void => {
    if (runs.delete(id)) {
      offsets.delete(id);
      sorted = undefined;
      port.changed([id]);
    }
  };

  const read = (run: RunModel): Promise<void> => {
    const going = reading.get(run.id);
    if (going !== undefined) {
      return going;
    }
    const work = readOn(run).finally(() => {
      reading.delete(run.id);
    });
    reading.set(run.id, work);
    return work;
  };

  const readOn = async (run: RunModel): Promise<void> => {
    for (;;) {
      // What is pushed meanwhile counts once: both ways lead through the numbers.
      const after = run.lastSeq;
      const offset = offsets.get(run.id) ?? 0;
      const page = await port.ask<EventsPage>('olivepress.events', { run_id: run.id, after, offset });
      takeRead(run, after, page.events);
      offsets.set(run.id, page.offset);
      if (!page.more) {
        allRead(run);
        port.changed([run.id]);
        return;
      }
      port.changed([run.id]);
    }
  };

  const readInBackground = (run: RunModel): void => {
    read(run).catch((error: unknown) => {
      port.failed(`the events of run ${run.id}`, error);
    });
  };

  /** Whether somebody looked at its events, and some are not there. */
  const lacks = (run: RunModel): boolean =>
    missing(run) || (!run.complete && run.final && run.lastSeq > 0 && !reading.has(run.id));

  const book: Book = {
    get all() {
      sorted ??= [...runs.values()].sort((one, other) => other.created - one.created || (other.id < one.id ? -1 : 1));
      return sorted;
    },
    get: (id) => runs.get(id),
    async refresh() {
      const before = told;
      const records = await port.ask<readonly Run[]>('olivepress.runs', { everywhere: true });
      const there = new Set(records.map((record) => record.id));
      for (const id of told === before ? [...runs.keys()] : []) {
        if (!there.has(id)) {
          remove(id);
        }
      }
      for (const record of records) {
        const known = runs.get(record.id);
        if (known === undefined) {
          add(record);
        } else {
          takeRecord(known, record);
          if (lacks(known)) {
            readInBackground(known);
          }
        }
      }
      port.changed([...there]);
    },
    async complete(id) {
      let run = runs.get(id);
      if (run === undefined) {
        await book.refresh();
        run = runs.get(id);
      }
      if (run === undefined) {
        throw new Error(`there is no run ${id}`);
      }
      if (!run.complete || missing(run)) {
        await read(run);
      }
      return run;
    },
    seen() {
      const followed = [...runs.values()].filter((run) => run.lastSeq > 0);
      return Object.fromEntries(followed.map((run) => [run.id, run.lastSeq]));
    },
    disconnected() {
      for (const run of runs.values()) {
        run.complete &&= run.final;
      }
    },
    takeEvents({ run_id: id, events, more }) {
      const run = runs.get(id);
      if (run === undefined) {
        return; // its state is told before its events: one that is not known was deleted
      }
      takePushed(run, events);
      if (missing(run)) {
        readInBackground(run);
      } else if (!more) {
        run.complete = true;
      }
      port.changed([id]);
    },
    takeState({ run: record }) {
      told++;
      const known = runs.get(record.id);
      if (known === undefined) {
        add(record);
      } else {
        takeRecord(known, record);
      }
      port.changed([record.id]);
    },
    takeRemoved({ run_id: id }) {
      told++;
      remove(id);
    },
  };
  return book;
}
