// New Config from Template: data that needs more than a click, ways back, and every template without a finding.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { editorTest } from '../lib/editorTest.mjs';
import { model } from '../lib/projects.mjs';
import { eventually } from '../lib/waiting.mjs';

const tickets = ['id,question,answer,lang', ...Array.from({ length: 8 }, (_, number) =>
  `${String(number)},"How long does it take to ship order ${String(number)}?\nI am waiting.",in ${String(number)} days,en`)].join('\n');
const project = {
  'package.json': {},
  'data/tickets.csv': `${tickets}\n`,
  'data/broken.json': '{"rows": [1, 2',
  'data/chat.jsonl': '{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]}\n'.repeat(4),
};

const config = (folder, name = 'olive-config.json') => JSON.parse(readFileSync(join(folder, name), 'utf8'));

async function question(ui, text) {
  await ui.page.locator(`.quick-input-widget input[placeholder*=${JSON.stringify(text)}]`).waitFor({ timeout: 30_000 });
}

async function start(ui, template) {
  await eventually('the command', () => ui.offersCommand('Olive: New Config from Template'));
  await ui.command('Olive: New Config from Template');
  await ui.pick(template);
}

async function noFindings(ui) {
  await ui.understood();
  await ui.seesNoProblem();
}

editorTest('a new config for fine-tuning: model, data, columns, text; and it is right', { project }, async ({ ui, folder }) => {
  cpSync(model, join(folder, 'models/tiny'), { recursive: true });
  await start(ui, 'Fine-tune with LoRA');
  await question(ui, 'Which model');
  await ui.pick('models/tiny');
  await ui.pick('CPU');
  await question(ui, 'Which file');
  const files = await ui.rows();
  assert.deepEqual(files.slice(0, -1), ['broken.json, data/broken.json', 'chat.jsonl, data/chat.jsonl', 'tickets.csv, data/tickets.csv']);
  // A file that cannot be used is said to be so, and asked for again.
  await ui.pick('broken.json');
  await ui.notification('broken.json cannot be read').waitFor();
  await ui.pick('tickets.csv');
  await question(ui, 'Which columns of tickets.csv (8 rows)');
  await ui.screenshot('new-config-columns');
  const columns = await ui.rows();
  assert.match(columns[1], /^question, How long does it take to ship order 0\?…  ·  How long/);
  await ui.press('Enter');
  await question(ui, 'Which column is the answer');
  await ui.press('Enter');
  await eventually('the text', async () => (await ui.quickInput.inputValue()) === '### Question: {question}\\n### Answer:\\n{answer}');
  await ui.quickInput.fill('{nothing}');
  await ui.page.locator('.quick-input-message', { hasText: 'no column {nothing}' }).waitFor();
  await ui.quickInput.fill('{question}\\n{answer}');
  await ui.page.locator('.quick-input-message', { hasText: 'First row: How long' }).waitFor();
  await ui.screenshot('new-config-text');
  await ui.press('Enter');
  await ui.tab('olive-config.json').waitFor();
  await noFindings(ui);
  const { input_model: input, data_configs: [data] } = config(folder);
  assert.equal(input.model_path, 'models/tiny');
  assert.equal(data.load_dataset_config.data_files, 'data/tickets.csv');
  assert.equal(data.pre_process_data_config.text_template, '{question}\n{answer}');
  await ui.screenshot('new-config');
});

editorTest('a new config: ways back and out, names that are taken, conversations, the example', { project }, async ({ ui, folder }) => {
  const before = readdirSync(folder);
  await start(ui, 'Build int4 only');
  await ui.pick('A model on Hugging Face');
  await ui.answer('not a name');
  await ui.page.locator('.quick-input-message', { hasText: 'owner/model' }).waitFor();
  // Back from the name to the list, and to what should be done; then out.
  const back = ui.page.locator('.quick-input-widget .quick-input-left-action-bar .action-label').first();
  await back.click();
  await question(ui, 'Which model');
  await back.click();
  await question(ui, 'What should the config do');
  await ui.press('Escape');
  await ui.quickInput.waitFor({ state: 'hidden' });
  assert.deepEqual(readdirSync(folder), before);

  await start(ui, 'Build int4 only');
  await ui.pick('A model on Hugging Face');
  await ui.answer('owner/small');
  await ui.pick('CPU');
  await ui.tab('olive-config.json').waitFor();
  await noFindings(ui);
  assert.deepEqual(Object.keys(config(folder).passes), ['int4']);

  await start(ui, 'Fine-tune with QLoRA');
  await ui.pick('A model on Hugging Face');
  await ui.answer('owner/small');
  await ui.pick('NVIDIA GPU');
  await ui.pick('chat.jsonl');
  await ui.tab('olive-config-2.json').waitFor();
  await noFindings(ui);
  const second = config(folder, 'olive-config-2.json');
  assert.equal(second.data_configs[0].pre_process_data_config.message_col, 'messages');
  assert.equal(second.output_dir, 'out-2');

  await start(ui, 'Example');
  await ui.tab('olive-config-3.json').waitFor();
  await noFindings(ui);
  assert.ok(existsSync(join(folder, config(folder, 'olive-config-3.json').data_configs[0].load_dataset_config.data_files)));
});
