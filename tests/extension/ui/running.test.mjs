// Running a config from the window, with a real engine and a tiny random model.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { editorTest } from '../lib/editorTest.mjs';
import { workers } from '../lib/processes.mjs';
import { canary, runnable, workflow } from '../lib/projects.mjs';
import { eventually } from '../lib/waiting.mjs';

const LONG = 200_000;

editorTest('Run Optimization: progress, notification, output folder', {
  project: () => runnable({ steps: 1500 }),
  open: 'olive-config.json',
}, async ({ ui, folder }) => {
  await ui.understood();
  await ui.command('Olive: Run Optimization');
  // Real numbers while it goes on: in the lens over the pass, in the status bar, in a notification.
  await ui.lens(/running step \d+\/1500, loss [\d.]+/).waitFor({ timeout: 60_000 });
  await ui.status(/lora: step \d+\/1500/).waitFor();
  await ui.notification(/olive-config\.json.*lora: step \d+\/1500/s).waitFor();
  await ui.screenshot('running');
  await ui.openRuns();
  await ui.treeRow('olive-config.json').waitFor();

  const out = join(folder, 'out');
  await ui.clickNotification(`olive-config.json is done after`, 'Copy Path', async () => {
    await ui.screenshot('done');
  });
  await eventually('the path in the clipboard', async () => (await ui.clipboard()) === out);
  for (const file of ['model/genai_config.json', 'model/model.onnx', 'adapter/adapter_model.safetensors', 'run-summary.json']) {
    assert.ok(existsSync(join(out, file)), file);
  }

  await ui.expand('olive-config.json');
  const rows = await eventually('all rows of the run', async () => {
    const found = await ui.treeRows();
    return found.some((row) => row.includes('int4')) && found;
  });
  for (const [pass, type] of [['lora', 'LoRA'], ['merge', 'MergeAdapterWeights'], ['int4', 'ModelBuilder']]) {
    assert.ok(rows.some((row) => row.startsWith(`${pass}, ${type}, done`)), `${pass}: ${rows.join(' | ')}`);
  }
  await ui.screenshot('runs-view');

  await ui.command('Olive: Open Output Folder');
  await ui.page.locator('.explorer-folders-view .monaco-list-row.focused', { hasText: /^out$/ }).waitFor();
});

editorTest('the run page: curve, plan, artifacts; and the log', {
  project: () => runnable({ steps: 60 }),
  open: 'olive-config.json',
}, async ({ ui }) => {
  await ui.understood();
  await ui.command('Olive: Run Optimization');
  await ui.notification('olive-config.json is done after').waitFor({ timeout: 120_000 });
  await ui.command('Olive: Open Run');
  const page = ui.webview();
  await page.getByText(/Loss/).first().waitFor({ timeout: 30_000 });
  await page.getByText('int4').first().waitFor();
  await page.getByText(/out\/model/).first().waitFor();
  await ui.screenshot('run-page');
  await ui.command('Olive: Show Run Log');
  await eventually('the whole log', async () => /lora/.test(await ui.output()) && /int4/.test(await ui.output()));
  await ui.screenshot('run-log');
});

editorTest('an error of a run stands at the line that caused it', {
  project: () => ({
    'olive-config.json': workflow({ steps: 4 }),
    // Its last line is broken, which is found when the run reads all of it.
    'rows.jsonl': '{"phrase": "a", "tone": "b"}\n{"phrase": "broken',
  }),
  open: 'olive-config.json',
}, async ({ ui, folder }) => {
  await ui.understood();
  await ui.command('Olive: Run Optimization');
  await ui.clickNotification(/olive-config\.json failed/, 'Go to Line', async () => {
    await ui.screenshot('failed-run');
  });
  const lines = readFileSync(join(folder, 'olive-config.json'), 'utf8').split('\n');
  const place = async () => /Ln (\d+),/.exec(await ui.status(/Ln \d+, Col/).innerText())?.[1];
  await eventually('the cursor at the line', async () => /"data_files"/.test(lines[Number(await place()) - 1]));
  await ui.seesSquiggle();
  await ui.screenshot('error-at-its-line');
});

editorTest('Cancel stops it, and Resume is offered', { project: () => runnable({ steps: LONG }), open: 'olive-config.json' }, async ({ ui, server }) => {
  await ui.understood();
  await ui.command('Olive: Run Optimization');
  await ui.lens(/running step \d+/).waitFor({ timeout: 60_000 });
  assert.equal(workers(server.mark).length, 1);
  await ui.clickNotification('olive-config.json', 'Cancel');
  await ui.notification('olive-config.json was cancelled').waitFor({ timeout: 60_000 });
  await ui.lens(/^cancelled/).waitFor();
  await eventually('no worker', () => workers(server.mark).length === 0);
  await ui.screenshot('cancelled');
  await ui.clickNotification('was cancelled', 'Resume');
  await ui.lens(/running step \d+/).waitFor({ timeout: 60_000 });
  await ui.command('Olive: Cancel Run');
  await eventually('no worker', () => workers(server.mark).length === 0, { seconds: 60 });
});

editorTest('code of the folder runs only after a question', {
  project: () => {
    const files = canary();
    files['olive-config.json'].passes.lora = { ...files['olive-config.json'].passes.lora };
    delete files['olive-config.json'].passes.lora.aplha;
    delete files['.vscode/settings.json'];
    return files;
  },
  open: 'olive-config.json',
}, async ({ ui, folder }) => {
  await ui.understood();
  await ui.command('Olive: Run Optimization');
  await ui.dialog.waitFor();
  assert.match(await ui.dialog.innerText(), /runs code of its own.*canary\.py/s);
  await ui.screenshot('code-of-the-folder');
  await ui.clickDialog('Cancel');
  await ui.dialog.waitFor({ state: 'hidden' });
  assert.equal(existsSync(join(folder, 'canary.txt')), false);
  assert.equal(readdirSync(folder).includes('.olivepress'), false);
  await ui.command('Olive: Run Optimization');
  await ui.clickDialog('Run');
  await eventually('its code ran', () => existsSync(join(folder, 'canary.txt')), { seconds: 60 });
});
