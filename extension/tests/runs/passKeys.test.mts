/** Where passes are named in a config's text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passKeys } from '../../src/runs/passKeys.ts';

const names = (text: string): string[] => passKeys(text).map(({ name }) => name);

test('the keys of passes, and no others', () => {
  const text = `{
    "input_model": {"type": "HfModel", "passes": {"no": 1}},
    // "passes": {"no": {}}
    "evaluators": {"passes": {"no": {}}},
    "passes": {"lora": {"type": "LoRA", "a": {"b": "passes"}}, "int4": [{"type": "ModelBuilder"}], "ü\\"x": {}},
    "output_dir": "passes"
  }`;
  assert.deepEqual(names(text), ['lora', 'int4', 'ü"x']);
  for (const { name, start, end } of passKeys(text)) {
    assert.equal(JSON.parse(text.slice(start, end)), name);
  }
});

test('half-typed text', () => {
  assert.deepEqual(names('{"passes": {"lora": {"type": "LoRA", "tr'), ['lora']);
  assert.deepEqual(names('{"passes": '), []);
  assert.deepEqual(names(''), []);
  assert.deepEqual(names('"passes"'), []);
});
