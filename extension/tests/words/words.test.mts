/** Every string that the extension shows has a German one, and the other way round. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundle, packageKeys, packageStrings, words } from './sources.mts';

const { translated, computed, bare } = words();
const english = new Set(translated.map(({ text }) => text));
const german = bundle();

/** {0}, links, icons and code: what a translation has to keep. */
function kept(text: string): string[] {
  const found = text.matchAll(/\{\w+\}|\]\((?:command|https):[^)]*\)|\$\([\w-]+\)|`[^`]*`/g);
  return [...found].map(([one]) => one).sort();
}

test('there are strings to look at', () => {
  assert.ok(english.size > 150, `${english.size} found`);
});

test('every string of the sources has a German one', () => {
  assert.deepEqual(translated.filter(({ text }) => !german[text]), []);
});

test('no German string is left over', () => {
  assert.deepEqual(Object.keys(german).filter((text) => !english.has(text)), []);
});

test('what is filled in, icons and code are the same in German', () => {
  const different = Object.entries(german).filter(([text, told]) => kept(text).join() !== kept(told).join());
  assert.deepEqual(different, []);
});

test('strings for translation are written out in the source', () => {
  assert.deepEqual(computed, []);
});

test('nothing is shown that is not translated', () => {
  assert.deepEqual(bare, []);
});

test('the strings of package.json: the same keys in both languages, each of them used', () => {
  const one = packageStrings('');
  const other = packageStrings('.de');
  assert.deepEqual(Object.keys(other), Object.keys(one));
  assert.deepEqual(Object.keys(one).filter((key) => !packageKeys().includes(key)), []);
  assert.deepEqual(packageKeys().filter((key) => !(key in one)), []);
  const different = Object.keys(one).filter((key) => kept(one[key] ?? '').join() !== kept(other[key] ?? '').join());
  assert.deepEqual(different, []);
});
