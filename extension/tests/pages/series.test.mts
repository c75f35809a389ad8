/** Arithmetic of the charts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  linear, logTicks, logarithmic, nearest, padded, smooth, stepRange, stepsOf, thin, ticks, timeTicks, valueRange,
  type Point,
} from '../../src/pages/series.ts';

const points = (...values: number[]): Point[] => values.map((value, index): Point => [index + 1, value]);

for (const [low, high, wanted, whole, expected] of [
  [0, 1, 5, false, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [1, 64, 3, true, [20, 40, 60]],
  [1, 3, 8, true, [1, 2, 3]],
  [1.4, 3.6, 5, false, [1.5, 2, 2.5, 3, 3.5]],
  [5, 5, 5, false, [5]],
  [0, 0.3, 3, false, [0, 0.1, 0.2, 0.3]],
] as const) {
  test(`ticks from ${low} to ${high}`, () => { assert.deepEqual(ticks({ low, high }, wanted, whole), expected); });
}

test('ticks of time are round minutes', () => {
  assert.deepEqual(timeTicks({ low: 0, high: 200 }, 4), [0, 60, 120, 180]);
  assert.deepEqual(timeTicks({ low: 0, high: 7200 }, 4), [0, 1800, 3600, 5400, 7200]);
  assert.deepEqual(timeTicks({ low: 0, high: 0.4 }, 4), [0]);
});

test('ticks of a log scale: powers of ten, round numbers where there is none', () => {
  assert.deepEqual(logTicks({ low: 0.001, high: 1000 }, 8), [0.001, 0.01, 0.1, 1, 10, 100, 1000]);
  assert.deepEqual(logTicks({ low: 1, high: 100 }, 8), [1, 2, 5, 10, 20, 50, 100]);
  assert.deepEqual(logTicks({ low: 1.4, high: 3.6 }, 5), [1.5, 2, 2.5, 3, 3.5]);
});

test('ranges leave out what is no number, a log scale what is not above 0', () => {
  const series = [points(3, Number.NaN, 0, Infinity, 5)];
  assert.deepEqual(valueRange(series), { low: 0, high: 5 });
  assert.deepEqual(valueRange(series, true), { low: 3, high: 5 });
  assert.equal(valueRange([points(Number.NaN)]), undefined);
  assert.deepEqual(stepRange([points(1, 2, 3), []]), { low: 1, high: 3 });
  assert.equal(stepRange([]), undefined);
});

test('scales put a range between 0 and 1', () => {
  assert.deepEqual([2, 3, 4].map(linear({ low: 2, high: 4 })), [0, 0.5, 1]);
  assert.deepEqual([1, 10, 100].map(logarithmic({ low: 1, high: 100 })), [0, 0.5, 1]);
  assert.equal(linear({ low: 2, high: 2 })(2), 0.5);
});

test('an axis has room at its edges, and none below 0 for what is never below it', () => {
  const { low, high } = padded({ low: 0, high: 10 }, false);
  assert.equal(low, 0);
  assert.ok(high > 10);
  assert.ok(padded({ low: -1, high: 1 }, false).low < -1);
  assert.ok(padded({ low: 1, high: 10 }, true).low > 0);
});

test('thinning keeps the ends and every peak', () => {
  const many = points(...Array.from({ length: 10_000 }, (_, at) => (at === 4321 ? 99 : at === 7777 ? -99 : 1)));
  const few = thin(many, 200);
  assert.ok(few.length <= 200);
  assert.deepEqual([few[0], few.at(-1)], [many[0], many.at(-1)]);
  assert.ok(few.some(([, value]) => value === 99) && few.some(([, value]) => value === -99));
  assert.deepEqual(few.map(([step]) => step), [...few.map(([step]) => step)].sort((a, b) => a - b));
  assert.equal(thin(many.slice(0, 150), 200).length, 150);
});

test('smoothing begins unbiased, follows, and can be off', () => {
  const measured = points(4, 4, 4, 2, 2, 2);
  assert.equal(smooth(measured, 0), measured);
  const smoothed = smooth(measured, 0.5).map(([, value]) => value);
  assert.equal(smoothed[0], 4);
  assert.ok(smoothed[3] !== undefined && smoothed[3] > 2 && smoothed[3] < 4);
  assert.ok(Number.isNaN(smooth(points(1, Number.NaN, 3), 0.5)[1]?.[1]));
});

test('the nearest step', () => {
  const some: Point[] = [[10, 1], [20, 2], [40, 3]];
  assert.deepEqual([0, 14, 16, 29, 31, 99].map((step) => nearest(some, step)), [0, 0, 1, 1, 2, 2]);
  assert.equal(nearest([], 1), -1);
});

test('steps of several series, each once', () => {
  assert.deepEqual(stepsOf([[[1, 0], [3, 0]], [[2, 0], [3, 0]]]), [1, 2, 3]);
});
