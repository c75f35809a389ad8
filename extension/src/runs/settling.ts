// The record and the events of a run as one state: the record says whether the run lives, the events where it stands.

import type { PassRecord } from '../protocol.ts';
import { passOf } from './applying.ts';
import type { RunModel } from './model.ts';
import { isFinal, milliseconds, type PassState } from './view.ts';

const ORDER: readonly PassState[] = ['waiting', 'running', 'cached', 'done'];

/** To be called after each change of the record or the events. */
export function settle(run: RunModel): void {
  const { record } = run;
  run.state = record.state;
  run.attempt = record.attempt;
  run.started = milliseconds(record.started);
  run.finished = milliseconds(record.finished);
  run.outputDir = record.output_dir;
  run.error = record.error;
  run.options = record.options;
  const ended = isFinal(record.state);
  // Between the resuming and its first event both still tell of the attempt before.
  const stale = run.toldAttempt !== 0 && run.toldAttempt < record.attempt;
  for (const one of record.passes) {
    const pass = passOf(run, one.name, one.type);
    pass.seconds ??= one.seconds ?? null;
    pass.peakMemory ??= one.peak_memory_bytes ?? null;
    const recorded = stateOf(one);
    if (ended && !stale) {
      pass.state = atTheEnd(run, recorded);
    } else {
      pass.state = later(stale ? 'waiting' : pass.told, stale && record.state === 'queued' ? 'waiting' : recorded);
    }
    if (pass.state !== 'running') {
      pass.progress = null;
    }
  }
  for (const pass of run.passes.slice(record.passes.length)) {
    if (!record.passes.some((one) => one.name === pass.name)) {
      pass.state = ended ? atTheEnd(run, pass.told) : pass.told;
    }
  }
}

function stateOf(one: PassRecord): PassState {
  switch (one.state) {
    case 'succeeded':
      return one.cached ? 'cached' : 'done';
    case 'running':
      return one.cached ? 'cached' : 'running';
    case 'waiting':
    case 'failed':
    case 'cancelled':
      return one.state;
  }
}

function later(one: PassState, other: PassState): PassState {
  return ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other;
}

function atTheEnd(run: RunModel, state: PassState): PassState {
  if (state === 'running') {
    return run.state === 'cancelled' ? 'cancelled' : 'failed';
  }
  return state === 'waiting' ? 'skipped' : state;
}
