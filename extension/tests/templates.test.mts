import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsIn, filled, inBrief, lacking } from '../src/templates/preview.ts';

test('cells are one short line', () => {
  assert.equal(inBrief('  one\n\n  two   three '), 'one ⏎ two three');
  assert.equal(inBrief('a'.repeat(41)), `${'a'.repeat(39)}…`);
  assert.equal(inBrief('👩'.repeat(40)), '👩'.repeat(40));
  assert.equal(inBrief(''), '');
});

test('a template names columns; doubled braces are braces', () => {
  assert.deepEqual(columnsIn('{a} {{b}} {c d}'), ['a', 'c d']);
  assert.equal(lacking('{a}', ['a']), undefined);
  assert.deepEqual(lacking('{a} {z}', ['a']), { unknown: 'z' });
  assert.equal(lacking('{{a}}', ['a']), 'nothing');
});

test('a template is shown with the first row in it', () => {
  assert.equal(filled('# {a}\\n{{x}} {b}', { a: 'one', b: 'two\nthree' }), '# one ⏎ {x} two ⏎ three');
});
