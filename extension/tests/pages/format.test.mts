/** Times, sizes and numbers as the pages write them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseName, fill, formats } from '../../src/pages/format.ts';

const english = formats('en');

for (const [seconds, shown] of [
  [0, '0s'], [0.04, '0s'], [0.42, '0.4s'], [9.94, '9.9s'], [42.4, '42s'], [59.7, '1m'], [252, '4m 12s'],
  [3600, '1h'], [11_100, '3h 5m'], [90_000, '1d 1h'], [Number.NaN, ''], [-1, ''],
] as const) {
  test(`${seconds} seconds are "${shown}"`, () => { assert.equal(english.duration(seconds), shown); });
}

for (const [bytes, shown] of [
  [0, '0 byte'], [999, '999 byte'], [8775, '8.8 kB'], [150_000_000, '150 MB'], [1_700_000_000, '1.7 GB'],
  [1_000_000_000, '1 GB'], [999_600, '1 MB'], [-1, ''],
] as const) {
  test(`${bytes} bytes are "${shown}"`, () => { assert.equal(english.bytes(bytes), shown); });
}

for (const [value, shown] of [
  [0, '0'], [2.8171234, '2.817'], [0.00025, '2.5e-4'], [0.001, '0.001'], [12_340.6, '12,341'], [1e38, '1e38'],
  [Number.NaN, 'NaN'],
] as const) {
  test(`${value} is "${shown}"`, () => { assert.equal(english.value(value), shown); });
}

for (const [seconds, shown] of [[0.0064, '6ms'], [0.21, '210ms'], [1.5, '1.5s'], [75, '1m 15s']] as const) {
  test(`a wait of ${seconds} seconds is "${shown}"`, () => { assert.equal(english.latency(seconds), shown); });
}

test('numbers follow the language', () => {
  const german = formats('de');
  assert.match(german.bytes(1_700_000_000), /^1,7\sGB$/);
  assert.equal(german.value(2.817), '2,817');
  assert.equal(german.count(12_345), '12.345');
});

test('a language that nobody knows is English', () => {
  assert.equal(formats('not a language').duration(252), '4m 12s');
});

test('a day is named where it is not today', () => {
  const then = new Date(2026, 10, 24, 14, 5).getTime();
  assert.equal(english.moment(then, new Date(2026, 10, 24)), '14:05');
  assert.match(english.moment(then, new Date(2026, 10, 25)), /Nov 24, 2026.*14:05/);
});

test('places in a text are filled, others are left', () => {
  assert.equal(fill('{0} of {1}, {2}', 'lora', 3), 'lora of 3, {2}');
});

test('the last part of paths of both kinds', () => {
  assert.deepEqual(['/a/b.json', 'C:\\a\\b.json', '/a/out/', 'b'].map(baseName), ['b.json', 'b.json', 'out', 'b']);
});
