/** Measured numbers by step: scales, ticks, thinning, smoothing, finding. Pure arithmetic for the charts. */

/** [step, value, time?]; steps rise. */
export type Point = readonly [number, number, ...unknown[]];

export interface Range { readonly low: number; readonly high: number }

/** Lowest and highest finite value, undefined where there is none. `positive`: only those above 0, for a log scale. */
export function valueRange(series: readonly (readonly Point[])[], positive = false): Range | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const points of series) {
    for (const [, value] of points) {
      if (!Number.isFinite(value) || (positive && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? { low, high } : undefined;
}

export function stepRange(series: readonly (readonly Point[])[]): Range | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const points of series) {
    const [first, last] = [points[0], points[points.length - 1]];
    if (first === undefined || last === undefined) continue;
    low = Math.min(low, first[0]);
    high = Math.max(high, last[0]);
  }
  return low <= high ? { low, high } : undefined;
}

/** From a value to a place between 0 and 1. */
export type Scale = (value: number) => number;

export function linear({ low, high }: Range): Scale {
  const width = high - low;
  return width > 0 ? (value) => (value - low) / width : () => 0.5;
}

/** For ranges above 0. */
export function logarithmic({ low, high }: Range): Scale {
  const inner = linear({ low: Math.log10(low), high: Math.log10(high) });
  return (value) => inner(Math.log10(value));
}

/** Round numbers inside a range, at most about `wanted` of them; `whole`: no fractions. */
export function ticks({ low, high }: Range, wanted: number, whole = false): number[] {
  const width = high - low;
  if (!(width > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(width / Math.max(1, wanted)));
  const sizes = [1, 2, 2.5, 5, 10, 20, 25, 50].map((factor) => factor * power);
  const fitting = sizes.filter((size) => !whole || Number.isInteger(Number(size.toPrecision(12))));
  return multiples({ low, high }, fitting.find((size) => width / size <= wanted + 0.5) ?? 100 * power);
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400];

/** The same for seconds: minutes and hours are round, not tens of seconds. */
export function timeTicks(range: Range, wanted: number): number[] {
  const size = TIME_STEPS.find((step) => (range.high - range.low) / step <= wanted + 0.5);
  return size === undefined ? ticks(range, wanted) : multiples(range, size);
}

function multiples({ low, high }: Range, size: number): number[] {
  const found: number[] = [];
  for (let index = Math.ceil(low / size - 1e-9); index * size <= high + size * 1e-9; index += 1) {
    // Multiplied, never added up: 0.1 + 0.2 would show.
    found.push(Number((index * size).toPrecision(12)));
  }
  return found;
}

/** Ticks of a log scale: powers of ten; in a narrow range 2 and 5 too, in a very narrow one round numbers. */
export function logTicks(range: Range, wanted: number): number[] {
  const { low, high } = range;
  const decades = Math.log10(high / low);
  const within = (value: number): boolean => value >= low * 0.999999 && value <= high * 1.000001;
  if (decades < 1) return ticks(range, wanted).filter((value) => value > 0);
  const every = Math.max(1, Math.ceil(decades / wanted));
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    if (power % every !== 0) continue;
    for (const factor of decades < 3 ? [1, 2, 5] : [1]) {
      const value = Number((factor * 10 ** power).toPrecision(12));
      if (within(value)) found.push(value);
    }
  }
  return found;
}

/** A range that a curve does not touch the edges of. */
export function padded({ low, high }: Range, log: boolean): Range {
  if (log) {
    const factor = high > low ? (high / low) ** 0.06 : 1.5;
    return { low: low / factor, high: high * factor };
  }
  const edge = high > low ? (high - low) * 0.06 : Math.abs(high) * 0.1 || 1;
  // Nothing that is never below 0 gets an axis that is.
  return { low: low >= 0 ? Math.max(0, low - edge) : low - edge, high: high + edge };
}

/** At most `most` points that look the same: the first, the last, and lowest and highest of each stretch. */
export function thin<P extends Point>(points: readonly P[], most: number): readonly P[] {
  const first = points[0];
  const last = points[points.length - 1];
  if (points.length <= most || most < 4 || first === undefined || last === undefined) return points;
  const stretches = Math.floor((most - 2) / 2);
  const inner = points.length - 2;
  const kept: P[] = [first];
  for (let index = 0; index < stretches; index += 1) {
    const from = 1 + Math.floor((index * inner) / stretches);
    const to = 1 + Math.floor(((index + 1) * inner) / stretches);
    let low = points[from];
    let high = low;
    for (let at = from; at < to; at += 1) {
      const point = points[at];
      if (point === undefined) continue;
      if (low === undefined || !(point[1] >= low[1])) low = point;
      if (high === undefined || !(point[1] <= high[1])) high = point;
    }
    if (low === undefined || high === undefined) continue;
    if (low === high) kept.push(low);
    else if (low[0] <= high[0]) kept.push(low, high);
    else kept.push(high, low);
  }
  kept.push(last);
  return kept;
}

/** An exponential mean that begins unbiased. `weight` from 0 (as measured) to below 1. */
export function smooth(points: readonly Point[], weight: number): readonly Point[] {
  if (!(weight > 0)) return points;
  let sum = 0;
  let norm = 0;
  return points.map((point): Point => {
    if (!Number.isFinite(point[1])) return point;
    sum = sum * weight + point[1] * (1 - weight);
    norm = norm * weight + (1 - weight);
    return [point[0], sum / norm];
  });
}

/** Index of the point whose step is nearest; -1 where there is none. */
export function nearest(points: readonly Point[], step: number): number {
  let from = 0;
  let to = points.length - 1;
  if (to < 0) return -1;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((points[middle]?.[0] ?? 0) < step) from = middle + 1;
    else to = middle;
  }
  const before = points[from - 1];
  const at = points[from];
  return before !== undefined && at !== undefined && step - before[0] <= at[0] - step ? from - 1 : from;
}

/** All steps that any of the series has, in order, each once. */
export function stepsOf(series: readonly (readonly Point[])[]): number[] {
  return [...new Set(series.flatMap((points) => points.map(([step]) => step)))].sort((one, other) => one - other);
}
