/** Windows without a config that is open: is there anything to show? */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { hasRuns, stateFolder } from '../src/server/runsBefore.ts';

let home: string;
let environment: NodeJS.ProcessEnv;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'runs-'));
  environment = { XDG_STATE_HOME: join(home, 'state') };
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

/** A run as the engine lists it. */
function listed(id: string, config: string, { removed = false } = {}): void {
  const place = join(stateFolder(environment), 'runs');
  const folder = join(home, 'elsewhere', id);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, `${id}.json`), JSON.stringify({ folder, config: join(home, config), created: '' }));
  if (!removed) {
    mkdirSync(folder, { recursive: true });
  }
}

function has(folder: string): Promise<boolean> {
  return hasRuns([join(home, folder)], environment);
}

test('a folder with nothing has none', async () => {
  assert.equal(await has('project'), false);
});

test('runs that lie in the folder are seen, whatever the list says', async () => {
  mkdirSync(join(home, 'project/.olivepress/runs/20260101-000000-abcd'), { recursive: true });
  assert.equal(await has('project'), true);
});

test('runs of configs deeper down are seen by the list, others are not', async () => {
  listed('20260101-000000-abcd', 'project/deep/down/config.json');
  assert.equal(await has('project'), true);
  assert.equal(await has('proj'), false);
  assert.equal(await has('other'), false);
});

test('a run whose directory was removed is none', async () => {
  listed('20260101-000000-abcd', 'project/config.json', { removed: true });
  assert.equal(await has('project'), false);
});

test('what is no entry of the list is passed over', async () => {
  listed('20260101-000000-abcd', 'project/config.json');
  const place = join(stateFolder(environment), 'runs');
  for (const [name, text] of [['a.json', '{'], ['b.json', '[]'], ['c.json', '{"config": 3}'], ['d.txt', '']] as const) {
    writeFileSync(join(place, name), text);
  }
  assert.equal(await has('project'), true);
});

test('each system has its own place', () => {
  assert.match(stateFolder({}, 'linux'), /\.local\/state\/olivepress$/);
  assert.match(stateFolder({}, 'darwin'), /Library\/Application Support\/olivepress$/);
  assert.match(stateFolder({ LOCALAPPDATA: '/local' }, 'win32'), /^\/local\/olivepress\/state$/);
});
