// The suites of this folder, each in a window of its own; every test of theirs is a test here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { disconnectBrowser } from '../lib/browser.mjs';
import { startServer } from '../lib/codeServer.mjs';
import { prepareHostTests, runInHost } from '../lib/inHost.mjs';
import { installed, nodes, root, scratch } from '../lib/paths.mjs';
import { languageServers } from '../lib/processes.mjs';
import { brokenClassic, canary, makeFolder, rows, runnable } from '../lib/projects.mjs';

const other = { 'package.json': { name: 'something', private: true } };
const coverage = join(scratch, 'coverage');
const servers = [];

const serverWith = async (trustAll) => {
  const server = await startServer({ smokeTest: true, trustAll, env: { NODE_V8_COVERAGE: coverage } });
  servers.push(server);
  return server;
};

async function suite(t, server, name, files) {
  const results = join(server.home, `results-${name}.json`);
  const folder = makeFolder({ ...files, '.suite': { suite: name, results } });
  for (const { title, error } of await runInHost(server, { folder, suite: name })) {
    await t.test(title, () => assert.equal(error, undefined));
  }
}

after(async () => {
  for (const server of servers) await server.stop();
  await disconnectBrowser();
});

describe('in the extension host', { concurrency: 1 }, () => {
  test('a config', { timeout: 300_000 }, async (t) => {
    await suite(t, servers[0] ?? (await serverWith(true)), 'config', { 'tones.json': brokenClassic, 'empty.json': '{}\n', 'rows.jsonl': rows, ...other });
  });

  test('runs', { timeout: 300_000 }, async (t) => {
    await suite(t, servers[0], 'runs', runnable({ steps: 8 }));
  });

  test('a folder without a config', { timeout: 120_000 }, async (t) => {
    const before = languageServers(servers[0].mark).map(({ pid }) => pid);
    await suite(t, servers[0], 'elsewhere', { 'README.md': 'nothing here\n', ...other });
    assert.deepEqual(languageServers(servers[0].mark).map(({ pid }) => pid).filter((pid) => !before.includes(pid)), []);
  });

  test('a folder that is not trusted', { timeout: 120_000 }, async (t) => {
    await suite(t, await serverWith(false), 'untrusted', canary());
  });

  test('coverage', async () => {
    const { development } = await prepareHostTests();
    const reports = join(root, 'build/editor/coverage');
    mkdirSync(reports, { recursive: true });
    const done = spawnSync(
      nodes.newest,
      [join(installed, 'node_modules/c8/bin/c8.js'), 'report', '--temp-directory', coverage, '--reporter', 'text', '--reporter', 'lcovonly', '--reports-dir', reports, '--exclude-after-remap', '--include', 'src/**', '--src', 'src'],
      { cwd: development, encoding: 'utf8' },
    );
    console.log(done.stdout);
    writeFileSync(join(reports, 'summary.txt'), done.stdout);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /extension\.ts/);
  });
});
