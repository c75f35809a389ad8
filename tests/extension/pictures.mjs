// pictures.mjs FOLDER TARGET [PICTURE...]: takes the pictures of extension/README.md from the packed extension. FOLDER is
// a project that becomes what is seen: it holds the model `smollm2-135m` and `phrases.json` of examples/phrase-tone.
// TARGET gets PNG files in full colour, which are to be made smaller before they go into extension/media/screenshots.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser, connectBrowser, disconnectBrowser } from './lib/browser.mjs';
import { installExtension, startServer } from './lib/codeServer.mjs';
import { scratch, vsix } from './lib/paths.mjs';
import { brokenClassic } from './lib/projects.mjs';
import { eventually } from './lib/waiting.mjs';
import { openWorkbench } from './lib/workbench.mjs';

const [folder, target, ...wanted] = process.argv.slice(2);
const steps = Number(process.env.STEPS ?? 60);

const config = {
  input_model: { type: 'HfModel', model_path: 'smollm2-135m' },
  data_configs: [
    {
      name: 'phrases',
      type: 'HuggingfaceContainer',
      load_dataset_config: { data_name: 'json', data_files: 'phrases.json', split: 'train' },
      pre_process_data_config: { text_template: '### Text: {phrase}\n### The tone is:\n{tone}', strategy: 'join', max_seq_len: 128 },
    },
  ],
  passes: {
    lora: {
      type: 'LoRA',
      r: 16,
      alpha: 32,
      train_data_config: 'phrases',
      training_args: { max_steps: steps, learning_rate: 5e-4, per_device_train_batch_size: 1, gradient_accumulation_steps: 4, logging_steps: 1 },
    },
    merge: { type: 'MergeAdapterWeights' },
    int4: { type: 'ModelBuilder', precision: 'int4' },
  },
  output_dir: 'out',
};

const text = `${JSON.stringify(config, undefined, 2)}\n`;
const lineOf = (part, inside = text) => inside.split('\n').findIndex((line) => line.includes(part)) + 1;

const pictures = {
  async problem(ui) {
    await ui.openFile('tones.json');
    await ui.understood();
    await ui.command('View: Toggle Primary Side Bar Visibility');
    const line = lineOf('lora_aplha', brokenClassic);
    await ui.goTo(line, 22);
    await ui.seesSquiggle();
    await ui.hover();
  },
  async fix(ui) {
    await ui.openFile('tones.json');
    await ui.goTo(lineOf('tinny', brokenClassic), 40);
    await ui.seesSquiggle();
    await ui.quickFixes();
  },
  async completion(ui) {
    await ui.openFile('olive-config.json');
    await ui.understood();
    await ui.goTo(lineOf('"r": 16'), 15);
    await ui.press('Enter');
    await ui.suggest();
    await ui.type('"a', 60);
    await ui.press('ArrowDown');
  },
  async lenses(ui) {
    await ui.openFile('olive-config.json');
    await ui.understood();
    await ui.goTo(lineOf('"passes"'), 3);
    await ui.page.locator('.monaco-editor [class*=ced-]').first().waitFor({ timeout: 20_000 }).catch(() => undefined);
  },
  async plan(ui) {
    await ui.openFile('olive-config.json');
    await ui.understood();
    await ui.command('Olive: Show Plan');
    await ui.webview().getByText('int4').first().waitFor({ timeout: 60_000 });
  },
  async running(ui) {
    await ui.openFile('olive-config.json');
    await ui.understood();
    await ui.command('View: Toggle Primary Side Bar Visibility');
    await ui.openRuns();
    await ui.command('Olive: Run Optimization');
    await ui.lens(/running step \d+/).waitFor({ timeout: 120_000 });
    await ui.goTo(lineOf('"passes"'), 3);
    await ui.command('View: Split Editor Right');
    await ui.command('Olive: Open Run');
    await ui.command('Notifications: Clear All Notifications');
    await ui.lens(new RegExp(`running step ${String(Math.round(steps * 0.6))}/`)).first().waitFor({ timeout: 400_000 });
  },
  async runs(ui) {
    await ui.openRuns();
    await ui.notification('is done after').waitFor({ timeout: 400_000 });
    await ui.expand('olive-config.json');
    await ui.expand('lora');
  },
  async model(ui) {
    await ui.clickNotification('is done after', 'Try the Model');
    const page = ui.webview();
    await page.getByText('Ready').first().waitFor({ timeout: 120_000 });
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    for (const phrase of ['Hold on, did the goldfish just wave at me?', 'We finally got the keys and waltzed through every empty room.']) {
      await prompt.fill(phrase);
      await prompt.press('Enter');
      await page.getByText('tokens/s').last().waitFor({ timeout: 60_000 });
      await page.getByText('Ready').first().waitFor({ timeout: 60_000 });
    }
  },
};

mkdirSync(target, { recursive: true });
mkdirSync(scratch, { recursive: true });
for (const name of ['.olivepress', 'out', 'cache']) rmSync(join(folder, name), { recursive: true, force: true });
writeFileSync(join(folder, 'olive-config.json'), text);
writeFileSync(join(folder, 'tones.json'), brokenClassic);
const extensions = join(scratch, 'pictures-extensions');
if (existsSync(extensions)) rmSync(extensions, { recursive: true });
installExtension('newest', vsix(), extensions);
const browser = await launchBrowser();
process.env.OLIVEPRESS_TEST_BROWSER = browser.wsEndpoint();
const server = await startServer({
  extensions,
  settings: {
    'editor.minimap.enabled': false, 'editor.fontSize': 13, 'editor.wordWrap': 'on', 'breadcrumbs.enabled': false, 'editor.stickyScroll.enabled': false, 'window.commandCenter': false,
    'workbench.layoutControl.enabled': false, 'explorer.compactFolders': false, 'files.exclude': { '**/.olivepress': true, 'smollm2-135m/*': true },
  },
  env: { OMP_NUM_THREADS: '2' },
});
try {
  const ui = await openWorkbench(await connectBrowser(), { port: server.port, folder, viewport: { width: 1160, height: 700 } });
  for (const [name, take] of Object.entries(pictures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    try {
      await take(ui);
      await ui.page.waitForTimeout(700);
    } catch (error) {
      console.error(name, error.message.slice(0, 600));
    }
    await ui.page.screenshot({ path: join(target, `${name}.png`) });
    console.log(name);
    await ui.press('Escape', 'Escape');
    if (name === 'completion') {
      await ui.command('File: Revert File');
      await eventually('the file as it was', async () => (await ui.page.locator('.tab.active.dirty').count()) === 0);
    }
    if (['problem', 'fix', 'completion', 'lenses', 'plan'].includes(name)) await ui.command('View: Close All Editors');
  }
} finally {
  await server.stop();
  await disconnectBrowser();
  await browser.close();
}
process.exit(0);
