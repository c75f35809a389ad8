// Where something is missing: trust, a Python.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { editorTest } from '../lib/editorTest.mjs';
import { scratch } from '../lib/paths.mjs';
import { languageServers, marked, workers } from '../lib/processes.mjs';
import { canary } from '../lib/projects.mjs';
import { eventually } from '../lib/waiting.mjs';

editorTest('a folder that is not trusted: editing help, and nothing of it runs', {
  project: canary, open: 'olive-config.json', server: { trustAll: false },
}, async ({ ui, folder, server }) => {
  await ui.understood();
  await ui.seesProblem();
  assert.equal(languageServers(server.mark).length, 1);
  await ui.command('Olive: Run Optimization');
  await ui.notification('This workspace is not trusted').waitFor();
  await ui.screenshot('not-trusted');
  // Whatever else could run it: the lens over the passes, the set-up of an engine.
  await ui.press('Escape');
  await ui.lens('Run').first().click();
  await ui.notification('This workspace is not trusted').waitFor();
  await ui.command('Olive: Set Up Engine');
  await ui.notification('nothing is installed').waitFor();
  assert.deepEqual(workers(server.mark), []);
  assert.ok(!marked(server.mark).some(({ command }) => command.some((word) => word.startsWith(folder))), 'a program of the folder runs');
  assert.equal(existsSync(join(folder, 'canary.txt')), false);
  assert.equal(existsSync(join(folder, '.olivepress')), false);
});

const nothing = join(scratch, 'nothing');
mkdirSync(nothing, { recursive: true });

editorTest('no Python at all: one message with the remedy, and the schema still completes', {
  project: { 'olive-config.json': '{\n    "input_model": {"type": "HfModel", "model_path": "m"},\n    "passes": {\n        "tune": {"type": ""}\n    }\n}\n' },
  open: 'olive-config.json',
  server: { interpreter: '', env: { PATH: nothing } },
}, async ({ ui, server }) => {
  await ui.notification('needs Python 3.10 or newer').waitFor({ timeout: 60_000 });
  assert.equal((await ui.notifications()).length, 1, (await ui.notifications()).join('\n'));
  await ui.screenshot('no-python');
  assert.deepEqual(languageServers(server.mark), []);
  await ui.goTo(4, 27);
  const offered = await eventually('the schema completes', async () => {
    await ui.suggest();
    const labels = (await ui.allSuggestions()).map((label) => label.replaceAll('"', ''));
    await ui.press('Escape');
    return labels.includes('LoRA') && labels;
  });
  for (const type of ['LoRA', 'QLoRA', 'MergeAdapterWeights', 'ModelBuilder']) assert.ok(offered.includes(type), `${type}: ${offered.join()}`);
  assert.deepEqual(offered, [...new Set(offered)]);
  assert.equal((await ui.notifications()).length, 1, 'it is told once');
});
