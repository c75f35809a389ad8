/** What nvidia-smi prints, as it is shown. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gpusOf, summary } from '../src/gpu/reading.ts';

const MEBIBYTE = 2 ** 20;

test('a line a card', () => {
  assert.deepEqual(gpusOf('NVIDIA H100 80GB HBM3, 1024, 81559, 37\n'), [
    { name: 'H100 80GB HBM3', used: 1024 * MEBIBYTE, total: 81559 * MEBIBYTE, use: 37 },
  ]);
});

test('a card that does not say how busy it is', () => {
  assert.equal(gpusOf('GeForce GT 710, 10, 2000, [N/A]')[0]?.use, undefined);
});

test('what is no card is passed over', () => {
  assert.deepEqual(gpusOf('NVIDIA-SMI has failed because it could not communicate with the driver.\n'), []);
  assert.deepEqual(gpusOf(''), []);
});

test('several cards are counted, the busiest decides', () => {
  const all = summary(gpusOf('NVIDIA A100, 100, 40000, 3\nNVIDIA A100, 300, 40000, 98\n'));
  assert.deepEqual(all, { name: '2× A100', used: 400 * MEBIBYTE, total: 80000 * MEBIBYTE, use: 98 });
});

test('no card, nothing to show', () => {
  assert.equal(summary([]), undefined);
});
