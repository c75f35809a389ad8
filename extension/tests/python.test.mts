/** Which Python is found, by what lies on the PATH, and how often a server is started again. */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { differing, pythonsOnPath, whereIs } from '../src/python/onPath.ts';
import { isEnough, stampOf, versionOf } from '../src/python/versions.ts';
import { makeRestarts } from '../src/server/restarts.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'python-'));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

/** A program that says what it is told to say. */
function program(path: string, says = '', code = 0): string {
  const full = join(home, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, `#!/bin/sh\necho '${says}'\nexit ${String(code)}\n`);
  chmodSync(full, 0o755);
  return full;
}

function onPath(...folders: string[]): string[] {
  const environment = { PATH: folders.map((folder) => join(home, folder)).join(delimiter) };
  return pythonsOnPath(environment, 'linux').filter((one) => one.startsWith(home));
}

describe('programs on the PATH', () => {
  test('the usual name goes first, then the newest, in the order of the PATH', () => {
    const [second, first, newer] = [program('b/python3'), program('a/python3'), program('b/python3.13')];
    const older = program('a/python3.10');
    assert.deepEqual(onPath('a', 'b'), [first, second, newer, older]);
  });

  test('what cannot be run, and folders that are not absolute, are left out', () => {
    writeFileSync(join(home, 'python3'), '');
    mkdirSync(join(home, 'python'));
    assert.deepEqual(onPath('.'), []);
    program('here/python3');
    assert.deepEqual(pythonsOnPath({ PATH: ['', '.', 'here'].join(delimiter) }, 'linux').filter((one) => !one.startsWith('/')), []);
  });

  test('names that lead to one program are one; a virtual environment is one of its own', () => {
    const real = program('usr/bin/python3.11');
    symlinkSync(real, join(home, 'usr/bin/python3'));
    mkdirSync(join(home, 'venv/bin'), { recursive: true });
    writeFileSync(join(home, 'venv/pyvenv.cfg'), '');
    symlinkSync(real, join(home, 'venv/bin/python'));
    const found = [join(home, 'usr/bin/python3'), real, join(home, 'venv/bin/python')];
    assert.deepEqual(differing(found), [found[0], found[2]]);
  });

  test('a setting may be a path or a name, and nothing relative', () => {
    const python = program('bin/python3.12');
    const environment = { PATH: join(home, 'bin') };
    assert.equal(whereIs(python, environment), python);
    assert.equal(whereIs('python3.12', environment), python);
    assert.equal(whereIs('bin/python3.12', environment), undefined);
    assert.equal(whereIs('python3.9', environment), undefined);
  });
});

describe('versions', () => {
  test('3.10 is the oldest that will do', () => {
    assert.deepEqual(['3.9.19', '3.10.0', '3.13.1', '2.7.18', '4.0.0'].map(isEnough), [false, true, true, false, false]);
  });

  test('an interpreter says what it is', async () => {
    const python = program('python3', '3.12.4\n/elsewhere/python3.12');
    assert.deepEqual(await versionOf(python), { path: python, version: '3.12.4' });
  });

  test('a launcher names the program that it starts', async () => {
    const launcher = program('py', '3.12.4\n/elsewhere/python3.12');
    assert.deepEqual(await versionOf(launcher, ['-3']), { path: '/elsewhere/python3.12', version: '3.12.4' });
  });

  test('what fails or is no Python is none', async () => {
    assert.equal(await versionOf(program('store', '3.12.4', 9)), undefined);
    assert.equal(await versionOf(program('other', 'hello')), undefined);
    assert.equal(await versionOf(join(home, 'nowhere')), undefined);
  });

  test('a file that is another one is asked again', () => {
    const python = program('python3', '3.10.1');
    const before = stampOf(python);
    writeFileSync(python, 'something longer than before, and newer as well\n'.repeat(3));
    assert.notEqual(stampOf(python), before);
    assert.equal(stampOf(join(home, 'nowhere')), '');
  });
});

describe('restarts', () => {
  test('each waits longer, and the fifth in three minutes is none', () => {
    const restarts = makeRestarts();
    const waits = [0, 1, 2, 3, 4].map((second) => restarts.ended(second * 1000));
    assert.deepEqual(waits, [500, 1000, 2000, 4000, undefined]);
  });

  test('what was long ago, or before the user asked for it, does not count', () => {
    const restarts = makeRestarts();
    for (const minute of [0, 4, 8, 12, 16, 20]) {
      assert.equal(restarts.ended(minute * 60_000), 500);
    }
    restarts.ended(20 * 60_000);
    restarts.forget();
    assert.equal(restarts.ended(20 * 60_000), 500);
  });
});
