/** In which keys two configs differ. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configChanges, parseConfig } from '../../src/pages/configDiff.ts';

function changes(one: unknown, other: unknown): unknown[] {
  return configChanges(one, other).map(({ key, values }) => [key, ...values]);
}

test('each difference once, as deep down as it can be told', () => {
  assert.deepEqual(changes(
    { passes: { lora: { r: 4, alpha: 8, target_modules: ['q'] } }, output_dir: 'out' },
    { passes: { lora: { r: 8, alpha: 8, target_modules: ['q', 'v'] }, build: { type: 'ModelBuilder' } } },
  ), [
    ['passes.lora.r', '4', '8'],
    ['passes.lora.target_modules', '["q"]', '["q","v"]'],
    ['passes.build', null, '{"type":"ModelBuilder"}'],
    ['output_dir', '"out"', null],
  ]);
});

test('data configs are told apart by their names, not by their places', () => {
  const one = { name: 'a', n: 1 };
  const other = { name: 'b', n: 2 };
  assert.deepEqual(changes({ data_configs: [one, other] }, { data_configs: [other, { ...one, n: 3 }] }), [['data_configs.a.n', '1', '3']]);
});

test('the order of keys is no difference', () => {
  assert.deepEqual(changes({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }), []);
});

test('secrets are not shown', () => {
  assert.deepEqual(changes({ hf: { hf_token: 'hf_abc', n: 1 } }, {}), [['hf', '{"hf_token":"***","n":1}', null]]);
  assert.deepEqual(changes({ hf: { hf_token: 'hf_abc' } }, { hf: { hf_token: 'hf_def' } }), [['hf.hf_token', '"***"', '"***"']]);
});

test('comments and trailing commas, and what looks like them in strings', () => {
  assert.deepEqual(parseConfig('\uFEFF{ // c\n "a": "// no, /* no */ ,}", /* x */ "b": [1, 2,],\n}'), { a: '// no, /* no */ ,}', b: [1, 2] });
  assert.equal(parseConfig('{'), undefined);
});
