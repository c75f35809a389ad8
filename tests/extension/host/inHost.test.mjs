// The suites of this folder, each in a window of its own; every test of theirs is a test here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
      [
        join(installed, 'node_modules/c8/bin/c8.js'), 'report', '--temp-directory', coverage, '--reports-dir', reports,
        ...['--reporter', 'json-summary', '--reporter', 'lcovonly', '--include', 'dist/**', '--include', 'src/**'],
      ],
      { cwd: development, encoding: 'utf8' },
    );
    assert.equal(done.status, 0, done.stderr);
    const folders = byFolder(JSON.parse(readFileSync(join(reports, 'coverage-summary.json'), 'utf8')), join(development, 'src'));
    const lines = Object.entries(folders).sort().map(([name, { covered, total }]) =>
      `${name.padEnd(20)}${String(Math.round((100 * covered) / total)).padStart(4)} % of ${String(total)} lines`);
    console.log(`Lines that tests in the extension host go through (those of windows are not counted):\n${lines.join('\n')}`);
    assert.ok(folders.src.covered > 0 && folders.all.covered < folders.all.total, 'it was measured');
  });
});

/** {folder of the sources: {covered, total}}, lines, with `all` for their sum. */
function byFolder(summary, sources) {
  const folders = { all: { covered: 0, total: 0 } };
  for (const [file, { lines }] of Object.entries(summary)) {
    if (!file.startsWith(`${sources}/`)) continue;
    const name = join('src', dirname(file.slice(sources.length + 1)));
    folders[name] ??= { covered: 0, total: 0 };
    for (const one of [folders[name], folders.all]) {
      one.covered += lines.covered;
      one.total += lines.total;
    }
  }
  return folders;
}
