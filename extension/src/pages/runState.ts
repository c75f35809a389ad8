/** What the run page shows, as plain data, and how a change of it travels: only what is new. Pure. */

import type { Level, RunState } from '../protocol.ts';
import type { PassState } from '../runs/view.ts';
import type { Point } from './series.ts';

export interface ShownPass {
  readonly name: string;
  readonly type: string;
  readonly state: PassState;
  /** Times in ms since 1970, by the clock of the machine that runs. */
  readonly started: number | null;
  readonly seconds: number | null;
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
  readonly secondsLeft: number | null;
  readonly memory: number | null;
  readonly gpuMemory: number | null;
}

export interface ShownArtifact {
  readonly kind: string;
  readonly path: string;
  readonly size: number | null;
}

export interface ShownError {
  readonly message: string;
  readonly hint: string;
  /** `olive-config.json:32:24`; empty where no line is known. */
  readonly place: string;
}

/** A series by what it measures and the pass that was measured: `loss:lora`. */
export function seriesKey(name: string, pass: string): string {
  return `${name}:${pass}`;
}

export interface ShownLine {
  readonly time: number;
  readonly level: Level;
  readonly pass: string | null;
  readonly text: string;
}

/** The newest lines; `from` is the number of the first of them, counted from the run's first. */
export interface LogTail {
  readonly from: number;
  readonly lines: readonly ShownLine[];
}

export interface RunFacts {
  readonly id: string;
  /** Path of the config, and the same as it is shown: short where it lies in an open folder. */
  readonly config: string;
  readonly place: string;
  readonly state: RunState;
  /** A stop was asked for and has not come yet. */
  readonly stopping: boolean;
  readonly attempt: number;
  readonly created: number;
  readonly started: number | null;
  readonly finished: number | null;
  readonly outputDir: string | null;
  readonly error: ShownError | null;
  readonly passes: readonly ShownPass[];
  readonly artifacts: readonly ShownArtifact[];
  /** Its events are not all here yet. */
  readonly loading: boolean;
}

export interface RunPageState {
  readonly facts: RunFacts;
  /** Curves by `seriesKey`. Memory: by seconds since the run began; all others: by step. */
  readonly series: Readonly<Record<string, readonly Point[]>>;
  readonly log: LogTail;
}

/** Points of a series from `keep` on are replaced by `add`. */
export interface SeriesChange {
  readonly keep: number;
  readonly add: readonly Point[];
}

export interface RunPatch {
  readonly facts?: Partial<RunFacts>;
  readonly series?: Readonly<Record<string, SeriesChange>>;
  /** The newest `keep` lines stay, `add` come behind them; `from` is the number of the first line then. */
  readonly log?: { readonly from: number; readonly keep: number; readonly add: readonly ShownLine[] };
}

/** What makes `after` of `before`; undefined where nothing changed. */
export function difference(before: RunPageState, after: RunPageState): RunPatch | undefined {
  const facts = changedFacts(before.facts, after.facts);
  const series = changedSeries(before.series, after.series);
  const log = changedLog(before.log, after.log);
  if (facts === undefined && series === undefined && log === undefined) return undefined;
  return { ...(facts && { facts }), ...(series && { series }), ...(log && { log }) };
}

export function apply(state: RunPageState, patch: RunPatch): RunPageState {
  const series = { ...state.series };
  for (const [name, change] of Object.entries(patch.series ?? {})) {
    series[name] = [...(series[name] ?? []).slice(0, change.keep), ...change.add];
  }
  return { facts: { ...state.facts, ...patch.facts }, series, log: applyLog(state.log, patch.log) };
}

function applyLog(log: LogTail, change: RunPatch['log']): LogTail {
  if (change === undefined) return log;
  const kept = log.lines.slice(Math.max(0, log.lines.length - change.keep));
  return { from: change.from, lines: [...kept, ...change.add] };
}

function changedFacts(before: RunFacts, after: RunFacts): Partial<RunFacts> | undefined {
  const names = Object.keys(after) as (keyof RunFacts)[];
  const changed = names.filter((name) => before[name] !== after[name]
    && JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return changed.length > 0 ? Object.fromEntries(changed.map((name) => [name, after[name]])) : undefined;
}

function changedSeries(before: RunPageState['series'], after: RunPageState['series']): RunPatch['series'] {
  const changes: Record<string, SeriesChange> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = before[name] ?? [];
    const now = after[name] ?? [];
    const keep = common(old, now);
    if (keep < old.length || keep < now.length) changes[name] = { keep, add: now.slice(keep) };
  }
  return Object.keys(changes).length > 0 ? changes : undefined;
}

/** How many points at the start are the same. */
function common(old: readonly Point[], now: readonly Point[]): number {
  if (old === now) return now.length;
  const same = (index: number): boolean => old[index]?.[0] === now[index]?.[0] && old[index]?.[1] === now[index]?.[1];
  const shorter = Math.min(old.length, now.length);
  let index = 0;
  while (index < shorter && same(index)) index += 1;
  return index;
}

function changedLog(before: LogTail, after: LogTail): RunPatch['log'] {
  const end = before.from + before.lines.length;
  const newEnd = after.from + after.lines.length;
  if (before.from === after.from && end === newEnd) return undefined;
  // A log that began anew, or that went on past all that was known.
  if (after.from < before.from || after.from > end || newEnd < end) {
    return { from: after.from, keep: 0, add: after.lines };
  }
  return { from: after.from, keep: end - after.from, add: after.lines.slice(end - after.from) };
}
