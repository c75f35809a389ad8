// The same extension with other Pythons, and in the oldest VS Code that can be had here. Which Pythons are tested is what
// this machine has; the one that made the test's environment always is. All work offline, from the VSIX alone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { editorTest } from '../lib/editorTest.mjs';
import { python } from '../lib/paths.mjs';
import { languageServers } from '../lib/processes.mjs';
import { brokenClassic, rows } from '../lib/projects.mjs';

const run = (program, ...words) => spawnSync(program, words, { encoding: 'utf8' });
const ASK = 'import sys; print(sys.executable, "%d.%d" % sys.version_info[:2])';

/** Interpreters without any package of ours, by version. */
function bareInterpreters() {
  const versions = join(homedir(), '.pyenv/versions');
  const kept = existsSync(versions) ? readdirSync(versions).map((name) => join(versions, name, 'bin/python')) : [];
  const base = run(python, '-c', 'import sys; print(sys._base_executable)').stdout.trim();
  const found = new Map();
  for (const program of [base, 'python3.10', 'python3.13', ...kept]) {
    const [path, version] = (run(program, '-I', '-c', ASK).stdout ?? '').trim().split(' ');
    if (version !== undefined && !found.has(version)) found.set(version, path);
  }
  return found;
}

const interpreters = bareInterpreters();
const base = run(python, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])').stdout.trim();

async function works({ ui, server }) {
  await ui.understood();
  await ui.goTo(39, 22);
  await ui.seesSquiggle();
  assert.match(await ui.hover(), /did you mean `?lora_alpha`?/);
  await ui.press('Escape');
  await ui.goTo(38, 30);
  await ui.type(' "');
  await ui.suggest();
  const offered = (await ui.allSuggestions()).map((label) => label.replaceAll('"', ''));
  assert.ok(offered.includes('target_modules'), offered.join());
  assert.deepEqual(offered, [...new Set(offered)]);
  return languageServers(server.mark).map(({ command }) => command[0]);
}

const project = { 'tones.json': brokenClassic, 'rows.jsonl': rows };

for (const version of [...new Set([base, '3.10', '3.13'])].filter((one) => interpreters.has(one))) {
  const interpreter = interpreters.get(version);
  editorTest(`bare Python ${version} with nothing installed`, { project, open: 'tones.json', server: { interpreter }, own: true }, async (window) => {
    assert.deepEqual(await works(window), [interpreter]);
  });
}

editorTest('the oldest VS Code that can be had (1.100)', { project, open: 'tones.json', server: { release: 'oldest' }, own: true }, async (window) => {
  await works(window);
  await window.ui.screenshot('oldest-vscode');
});
