// New Config from Template: every question with what is here, and a config at its end that has no problem and runs.
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { editorTest } from '../lib/editorTest.mjs';
import { model, rows } from '../lib/projects.mjs';
import { eventually } from '../lib/waiting.mjs';

editorTest('New Config from Template: asks, previews, writes what is right', {
  project: { 'data/tones.jsonl': rows, 'README.md': 'a project\n' },
}, async ({ ui, folder }) => {
  cpSync(model, join(folder, 'models/tiny'), { recursive: true });
  await ui.command('Olive: New Config from Template');
  await ui.row('Fine-tune with LoRA').waitFor();
  await ui.screenshot('new-config-template');
  await ui.pick('Fine-tune with LoRA');
  await ui.row('models/tiny').waitFor({ timeout: 30_000 });
  await ui.screenshot('new-config-model');
  await ui.pick('models/tiny');
  await ui.pick('CPU');
  await ui.row('tones.jsonl').waitFor({ timeout: 30_000 });
  await ui.pick('tones.jsonl');
  // The columns of the file, each with what stands in its first row.
  await ui.row('phrase').waitFor({ timeout: 30_000 });
  const columns = await ui.rows();
  assert.ok(columns.some((row) => row.includes('phrase') && row.includes('phrase number 0')), columns.join(' | '));
  await ui.screenshot('new-config-columns');
  await ui.press('Enter');
  await ui.row('tone').waitFor();
  await ui.pick('tone');
  await eventually('the template of the text', async () => /\{phrase\}/.test(await ui.quickInput.inputValue()));
  await ui.screenshot('new-config-text');
  await ui.press('Enter');
  await ui.tab('olive-config.json').waitFor({ timeout: 30_000 });
  await ui.understood();
  const written = JSON.parse(readFileSync(join(folder, 'olive-config.json'), 'utf8'));
  assert.deepEqual(Object.values(written.passes).map(({ type }) => type), ['LoRA', 'MergeAdapterWeights', 'ModelBuilder']);
  assert.equal(written.input_model.model_path.endsWith('models/tiny'), true);
  assert.match(JSON.stringify(written.data_configs), /data\/tones\.jsonl/);
  assert.equal(await ui.squiggles('error').count(), 0);
  await ui.screenshot('new-config-done');
});

