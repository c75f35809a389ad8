// Set Up Engine, with packages that are empty and come from a folder: what is asked, what is done, what is left.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { editorTest } from '../lib/editorTest.mjs';
import { python, scratch } from '../lib/paths.mjs';
import { marked } from '../lib/processes.mjs';
import { runnable } from '../lib/projects.mjs';
import { eventually } from '../lib/waiting.mjs';

const wheels = join(scratch, 'wheels');

/** The Python that the engine's environment was made with: nothing of the engine is in it. */
const bare = answer(python, '-c', 'import sys; print(sys._base_executable)');

function answer(...words) {
  const done = spawnSync(words[0], words.slice(1), { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout.trim();
}

/** `pip`: what it is given besides. */
const project = (...pip) => () => {
  if (!existsSync(wheels)) answer(python, join(import.meta.dirname, '../lib/make_wheels.py'), wheels);
  return { ...runnable(), '.vscode/settings.json': { 'olivepress.pipArguments': pip } };
};
const environments = (folder) => readdirSync(folder).filter((name) => name.startsWith('.venv'));
const pips = (mark) => marked(mark).filter(({ command }) => command.includes('pip') || command.includes('venv'));

async function choosePlace(ui, place) {
  await ui.command('Olive: Set Up Engine');
  await ui.row(place).waitFor({ timeout: 30_000 });
  await ui.pick(place);
}

const about = { open: 'olive-config.json', server: { interpreter: bare } };

editorTest('Set Up Engine: what is lacking goes into a new environment, which is taken into use', {
  ...about, project: project('--no-index', '--find-links', wheels),
}, async ({ ui, folder }) => {
  await ui.understood();
  await ui.command('Olive: Set Up Engine');
  await ui.row('A new virtual environment').waitFor({ timeout: 30_000 });
  const asked = await ui.quickInput.getAttribute('placeholder');
  assert.match(asked, /torch, transformers, onnxruntime-genai and \d+ more packages/);
  await ui.screenshot('set-up-engine');
  await ui.pick('A new virtual environment');
  await ui.notification('Setting up the engine').waitFor();
  await ui.notification('The engine is ready: .venv-olive').waitFor({ timeout: 150_000 });
  await ui.screenshot('engine-ready');
  // The environment is the one in use now: it lacks nothing.
  await ui.press('Escape');
  await ui.command('Olive: Set Up Engine');
  await ui.notification(`${join(folder, '.venv-olive')}`).filter({ hasText: 'has everything that runs need' }).waitFor({ timeout: 30_000 });
  assert.deepEqual(environments(folder), ['.venv-olive']);
});

editorTest('Set Up Engine: a failure says what to try, leaves nothing, and can be tried again', {
  ...about, project: project('--no-index', '--find-links', join(scratch, 'later')),
}, async ({ ui, folder }) => {
  await ui.understood();
  await choosePlace(ui, 'A new virtual environment');
  const failure = ui.notification('The engine could not be set up');
  await failure.waitFor({ timeout: 150_000 });
  await ui.screenshot('set-up-failed');
  await ui.page.locator('.view-line', { hasText: 'No matching distribution found' }).first().waitFor();
  assert.deepEqual(environments(folder), []);
  const later = join(scratch, 'later');
  answer(python, join(import.meta.dirname, '../lib/make_wheels.py'), later);
  try {
    await ui.clickNotification('The engine could not be set up', 'Try Again');
    await ui.notification('The engine is ready').waitFor({ timeout: 150_000 });
  } finally {
    rmSync(later, { recursive: true });
  }
});

editorTest('Set Up Engine: cancelled in the middle, nothing goes on and nothing is left', {
  ...about, project: project('--index-url', 'http://127.0.0.1:9/', '--retries', '50'),
}, async ({ ui, folder, server }) => {
  await ui.understood();
  await choosePlace(ui, 'A new virtual environment');
  await eventually('pip at work', () => marked(server.mark).some(({ command }) => command.includes('--retries')), { seconds: 120 });
  await ui.clickNotification('Setting up the engine', 'Cancel');
  await ui.notification('Cancelled. Nothing was installed.').waitFor({ timeout: 30_000 });
  assert.deepEqual(pips(server.mark), []);
  assert.deepEqual(environments(folder), []);
});
