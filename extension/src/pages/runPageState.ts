/** A run as the run page shows it. Pure: the words for the log are given. */

import type { LogEntry, PassView, RunView } from '../runs/view.ts';
import { baseName } from './format.ts';
import { seriesKey, type RunPageState, type ShownError, type ShownLine, type ShownPass } from './runState.ts';
import type { Point } from './series.ts';

/** What the page draws of what a pass measures. */
const CURVES = ['loss', 'eval_loss', 'learning_rate', 'tokens_per_second', 'memory_bytes', 'gpu_memory_bytes'];

export interface Surroundings {
  /** A stop was asked for. */
  readonly stopping: boolean;
  /** The config's path as it is shown. */
  readonly place: string;
  /** The text of an entry of the log. */
  readonly line: (entry: LogEntry) => string;
}

export function runPageState(run: RunView, { stopping, place, line }: Surroundings): RunPageState {
  const lines = run.log.toArray();
  return {
    facts: {
      id: run.id,
      config: run.config,
      place,
      state: run.state,
      stopping: stopping && !run.final,
      attempt: run.attempt,
      created: run.created,
      started: run.started,
      finished: run.finished,
      outputDir: run.outputDir,
      error: shownError(run),
      passes: run.passes.map((pass) => shownPass(pass, run.finished)),
      artifacts: run.artifacts.map(({ kind, path, size_bytes }) => ({ kind, path, size: size_bytes })),
      loading: !run.complete,
    },
    series: Object.fromEntries(run.passes.flatMap((pass) => CURVES.flatMap((name): [string, readonly Point[]][] => {
      const points = pass.series[name];
      return points === undefined || points.length === 0 ? [] : [[seriesKey(name, pass.name), points.map(withoutTime)]];
    }))),
    log: {
      from: run.log.total - lines.length,
      lines: lines.map((entry): ShownLine => ({
        time: entry.time, level: entry.level, pass: entry.pass, text: line(entry),
      })),
    },
  };
}

function withoutTime([step, value]: Point): Point {
  return [step, value];
}

function shownPass(pass: PassView, finished: number | null): ShownPass {
  const { progress } = pass;
  return {
    name: pass.name,
    type: pass.type,
    state: pass.state,
    started: pass.started,
    seconds: pass.seconds ?? cutShort(pass, finished),
    phase: progress?.phase ?? '',
    done: progress?.done ?? 0,
    total: progress?.total ?? null,
    unit: progress?.unit ?? '',
    secondsLeft: pass.state === 'running' ? progress?.eta ?? null : null,
    memory: pass.peakMemory ?? pass.metrics['memory_bytes'] ?? null,
    gpuMemory: pass.metrics['peak_gpu_memory_bytes'] ?? pass.metrics['gpu_memory_bytes'] ?? null,
  };
}

/** How long a pass took that did not come to its end. */
function cutShort(pass: PassView, finished: number | null): number | null {
  const over = pass.state === 'failed' || pass.state === 'cancelled';
  return over && pass.started !== null && finished !== null ? Math.max(0, finished - pass.started) / 1000 : null;
}

function shownError({ error, config }: RunView): ShownError | null {
  if (error === null) return null;
  const { line, column } = error;
  const place = line ? `${baseName(config)}:${line}${column ? `:${column}` : ''}` : '';
  return { message: error.message, hint: error.hint, place };
}
