// What is known of a run: its record (`run.json`) and its events, made into one view. Knows no editor and no server.
//
// Events may come twice, late, or with some missing between them: each counts once, in the order of `seq`; those behind
// a gap wait until what is missing was read (`missing`).

import type { Artifact, Event, Run, RunState } from '../protocol.ts';
import { take } from './applying.ts';
import { Ring } from './ring.ts';
import type { Point, ThinnedSeries } from './series.ts';
import { settle } from './settling.ts';
import { isFinal, milliseconds, type LogEntry, type PassState, type PassView, type RunView } from './view.ts';

export type { LogEntry, PassProgress, PassState, PassView, RunView } from './view.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A pass as it is put together; `told` is what its events say, `state` what holds with the record. */
export interface Pass extends Writable<Omit<PassView, 'metrics' | 'series' | 'artifacts'>> {
  told: PassState;
  metrics: Record<string, number>;
  curves: Record<string, ThinnedSeries>;
  readonly series: Readonly<Record<string, readonly Point[]>>;
  artifacts: Artifact[];
}

export interface RunModel extends Writable<Omit<RunView, 'passes' | 'artifacts' | 'series' | 'final'>> {
  readonly final: boolean;
  readonly series: Readonly<Record<string, readonly Point[]>>;
  passes: Pass[];
  artifacts: Artifact[];
  record: Run;
  /** The attempt that the events tell of. */
  toldAttempt: number;
  /** The pass that measured last. */
  measured: Pass | null;
  /** Events that came before those between. */
  readonly ahead: Map<number, Event>;
  /** Events were dropped because too many waited. */
  dropped: boolean;
}

export const LOG_LINES = 5000;
const MOST_AHEAD = 5000;

export function newRun(record: Run): RunModel {
  const run: RunModel = {
    id: record.id,
    config: record.config,
    folder: record.folder,
    state: record.state,
    created: milliseconds(record.created) ?? 0,
    started: null,
    finished: null,
    attempt: record.attempt,
    host: record.host,
    options: record.options,
    outputDir: null,
    error: null,
    passes: [],
    artifacts: [],
    summary: null,
    log: new Ring<LogEntry>(LOG_LINES),
    lastSeq: 0,
    complete: false,
    record,
    toldAttempt: 0,
    measured: null,
    ahead: new Map(),
    dropped: false,
    get final() {
      return isFinal(run.state);
    },
    get series() {
      return run.measured?.series ?? {};
    },
  };
  settle(run);
  return run;
}

/** A record of the run, which may be older than the one that is known: then nothing changes. */
export function takeRecord(run: RunModel, record: Run): void {
  if (isOlder(record, run.record)) {
    return;
  }
  if (record.attempt > run.record.attempt) {
    run.complete = run.complete && run.ahead.size === 0;
  }
  run.record = record;
  settle(run);
}

/** Events as the server pushes them. */
export function takePushed(run: RunModel, events: readonly Event[]): void {
  for (const event of events) {
    if (event.seq === run.lastSeq + 1) {
      next(run, event);
    } else if (event.seq > run.lastSeq) {
      if (run.ahead.size < MOST_AHEAD) {
        run.ahead.set(event.seq, event);
      } else {
        run.dropped = true;
      }
    }
  }
  settle(run);
}

/**
 * Events as they were read from the run's file after `after`, in order: numbers that are missing there do not exist.
 * Ignored if something between `after` and what is known was not read.
 */
export function takeRead(run: RunModel, after: number, events: readonly Event[]): void {
  if (after > run.lastSeq) {
    return;
  }
  for (const event of events) {
    if (event.seq > run.lastSeq) {
      next(run, event);
    }
  }
  settle(run);
}

/** Events are known to be there that were not read. */
export function missing(run: RunModel): boolean {
  return run.dropped || run.ahead.size > 0;
}

/** All that the run's file holds was read. */
export function allRead(run: RunModel): void {
  run.complete = true;
  run.dropped = false;
  for (const seq of run.ahead.keys()) {
    if (seq <= run.lastSeq) {
      run.ahead.delete(seq);
    }
  }
}

function next(run: RunModel, event: Event): void {
  let current: Event | undefined = event;
  while (current !== undefined) {
    run.lastSeq = current.seq;
    run.ahead.delete(current.seq);
    take(run, current);
    current = run.ahead.get(run.lastSeq + 1);
  }
}

/** Answers and notifications may overtake each other; what has ended does not begin again but by a new attempt. */
function isOlder(record: Run, known: Run): boolean {
  if (record.attempt !== known.attempt) {
    return record.attempt < known.attempt;
  }
  return rank(record.state) < rank(known.state);
}

function rank(state: RunState): number {
  return state === 'queued' ? 0 : state === 'running' || state === 'lost' ? 1 : 2;
}
