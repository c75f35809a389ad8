/** What a model is asked with, from what it was trained on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askingTemplate, fieldsOf, textTemplateOf } from '../../src/pages/promptTemplate.ts';

for (const [trained, asked] of [
  ['### Text: {phrase}\n### The tone is:\n{tone}', '### Text: {prompt}\n### The tone is:\n'],
  ['{question} -> {answer}</s>', '{prompt} -> '],
  ['{instruction}\n{context}\n{answer}', '{prompt}\n{context}\n'],
  ['Say: {text}. Done', 'Say: {prompt}'],
  ['{{json}} {a!r:>10} {b}', '{json} {prompt} '],
  ['{a} and {a} again: {b}', '{prompt} and {prompt} again: '],
  ['no column', ''],
  ['', ''],
] as const) {
  test(`${JSON.stringify(trained)} asks with ${JSON.stringify(asked)}`, () => { assert.equal(askingTemplate(trained), asked); });
}

test('columns beside the prompt are to be filled in', () => {
  assert.deepEqual(fieldsOf('{prompt}\n{context} {context} {style}'), ['context', 'style']);
});

const data = (name: string, text_template: string): object => ({ name, pre_process_data_config: { text_template } });

test('the template of the data config that is trained on, in either dialect', () => {
  const config = { data_configs: [data('eval', 'E {x}'), data('train', 'T {x}')], passes: { lora: { type: 'LoRA', train_data_config: 'train' } } };
  assert.equal(textTemplateOf(config), 'T {x}');
  assert.equal(textTemplateOf({
    data_configs: [{ name: 'train', pre_process_data_config: { params: { text_template: 'C {x}' } } }],
    passes: { lora: { type: 'LoRA', config: { train_data_config: 'train' } } },
  }), 'C {x}');
  assert.equal(textTemplateOf({ data_configs: [data('only', 'O {x}')], passes: { build: { type: 'ModelBuilder' } } }), 'O {x}');
});

test('a config without one, or that is none, gives none', () => {
  const odd = [{ data_configs: 3, passes: [] }, { data_configs: [null, { name: 1 }] }];
  for (const config of [{}, undefined, null, 1, [], ...odd]) {
    assert.equal(textTemplateOf(config), '');
  }
});
