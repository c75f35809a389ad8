// What is known of a run, as the rest of the extension reads it. Knows no editor and no server.

import type { Artifact, Level, RunError, RunOptions, RunState } from '../protocol.ts';
import type { Ring } from './ring.ts';
import type { Point } from './series.ts';

export type PassState = 'waiting' | 'running' | 'cached' | 'done' | 'failed' | 'cancelled' | 'skipped';

/** Where a pass stands. */
export interface PassProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
  /** Seconds left, as of `time`. */
  readonly eta: number | null;
  /** When that was, in ms. */
  readonly time: number;
}

export interface PassView {
  readonly name: string;
  readonly type: string;
  readonly state: PassState;
  /** Times in ms since 1970. */
  readonly started: number | null;
  readonly finished: number | null;
  readonly seconds: number | null;
  readonly peakMemory: number | null;
  readonly progress: PassProgress | null;
  /** The newest of each: step, loss, learning_rate, tokens_per_second, memory_bytes, ... May be NaN. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Curves by the same names. */
  readonly series: Readonly<Record<string, readonly Point[]>>;
  readonly artifacts: readonly Artifact[];
}

/** Something that stands in a run's log. */
export interface LogEntry {
  readonly time: number;
  readonly kind: 'log' | 'run_started' | 'pass_started' | 'pass_finished' | 'artifact' | 'run_finished';
  readonly level: Level;
  readonly pass: string | null;
  /** The text of a `log`, the path of an artifact, the state of what has ended; `cached`; or nothing. */
  readonly message: string;
}

export interface RunView {
  readonly id: string;
  /** Path of the config. */
  readonly config: string;
  /** The run's directory. */
  readonly folder: string;
  readonly state: RunState;
  /** Nothing more will come, unless the run is resumed. */
  readonly final: boolean;
  readonly created: number;
  readonly started: number | null;
  readonly finished: number | null;
  readonly attempt: number;
  readonly host: string;
  readonly options: RunOptions;
  readonly outputDir: string | null;
  readonly error: RunError | null;
  readonly passes: readonly PassView[];
  /** All that was published: model, adapter, summary. */
  readonly artifacts: readonly Artifact[];
  /** run-summary.json of a run that succeeded, once its events are there. */
  readonly summary: Readonly<Record<string, unknown>> | null;
  /** The curves of the pass that measured last. */
  readonly series: Readonly<Record<string, readonly Point[]>>;
  readonly log: Ring<LogEntry>;
  readonly lastSeq: number;
  /** All events up to now were read, and those to come will be pushed. */
  readonly complete: boolean;
}

const FINAL: readonly RunState[] = ['succeeded', 'failed', 'cancelled', 'lost'];

export function isFinal(state: RunState): boolean {
  return FINAL.includes(state);
}

/** Milliseconds of a time as the messages have it; null where there is none. */
export function milliseconds(time: string | null | undefined): number | null {
  const found = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(found) ? null : found;
}

/** How far the run is, from 0 to 1: by passes done, and within a pass by the phase that takes the time. */
export function share(run: RunView): number {
  if (run.passes.length === 0) {
    return 0;
  }
  const ended = run.passes.filter((pass) => pass.state === 'done' || pass.state === 'cached').length;
  const current = run.passes.find((pass) => pass.state === 'running')?.progress;
  const within =
    current?.total && ['train', 'build', 'merge'].includes(current.phase)
      ? Math.min(current.done / current.total, 1)
      : 0;
  return Math.min((ended + within) / run.passes.length, 1);
}
