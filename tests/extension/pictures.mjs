// pictures.mjs FOLDER TARGET [PICTURE...]: takes the pictures of extension/README.md from the packed extension. FOLDER is
// a project that becomes what is seen: it holds the model `smollm2-135m` and `phrases.json` of examples/phrase-tone.
// TARGET gets PNG files in full colour, which are to be made smaller before they go into extension/media/screenshots.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser, connectBrowser, disconnectBrowser } from './lib/browser.mjs';
import { installExtension, startServer } from './lib/codeServer.mjs';
import { scratch, vsix } from './lib/paths.mjs';
import { brokenClassic } from './lib/projects.mjs';
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
      pre_process_data_config: { text_template: '### Text: {phrase}\n### The tone is:\n{tone}', strategy: 'join', max_seq_len: 64 },
    },
  ],
  passes: {
    lora: {
      type: 'LoRA',
      r: 16,
      alpha: 32,
      train_data_config: 'phrases',
      training_args: { max_steps: steps, learning_rate: 5e-4, per_device_train_batch_size: 1, logging_steps: 1 },
    },
    merge: { type: 'MergeAdapterWeights' },
    int4: { type: 'ModelBuilder', precision: 'int4' },
  },
  output_dir: 'out',
};

const text = `${JSON.stringify(config, undefined, 2)}\n`;
const lineOf = (part, inside = text) => inside.split('\n').findIndex((line) => line.includes(part)) + 1;

/** Each in a window of its own; the last ones go on in the window of the run. */
const pictures = {
  async problem(open) {
    const ui = await open('tones.json');
    await ui.goTo(lineOf('lora_aplha', brokenClassic), 22);
    await ui.seesSquiggle();
    await ui.hover();
    return ui;
  },
  async fix(open) {
    const ui = await open('tones.json');
    await ui.goTo(lineOf('tinny', brokenClassic), 40);
    await ui.seesSquiggle();
    await ui.quickFixes();
    return ui;
  },
  async completion(open) {
    const ui = await open('olive-config.json');
    await ui.goTo(lineOf('"r": 16'), 15);
    await ui.press('Control+b');
    await ui.press('Enter');
    await ui.suggest();
    await ui.press('ArrowDown', 'Control+Space');
    await ui.page.locator('.suggest-details').waitFor();
    return ui;
  },
  async lenses(open) {
    const ui = await open('olive-config.json');
    await ui.goTo(lineOf('"phrases.json"'), 3);
    return ui;
  },
  async plan(open) {
    const ui = await open('olive-config.json');
    await ui.command('Olive: Show Plan');
    await ui.webview().getByText('int4').first().waitFor({ timeout: 60_000 });
    return ui;
  },
  async running(open) {
    const ui = await open('olive-config.json');
    await ui.command('Olive: Run Optimization');
    await ui.lens(/running step \d+/).waitFor({ timeout: 200_000 });
    await ui.press('Control+b');
    await ui.goTo(lineOf('"int4"'), 3);
    await ui.command('View: Split Editor Right');
    await ui.command('Olive: Open Run');
    const late = Array.from({ length: Math.ceil(steps / 2) }, (_, number) => steps - number).join('|');
    await ui.lens(new RegExp(`running step (${late})/`)).first().waitFor({ timeout: 400_000 });
    return ui;
  },
  async runs(_, ui) {
    await ui.openRuns();
    await ui.notification('is done after').waitFor({ timeout: 400_000 });
    await ui.expand('olive-config.json');
    await ui.expand('lora');
    return ui;
  },
  async model(open) {
    const ui = await open('olive-config.json');
    await ui.command('Olive: Try the Model');
    await ui.pick('olive-config.json');
    const page = ui.webview();
    await page.getByText('Ready').first().waitFor({ timeout: 120_000 });
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    for (const [number, phrase] of ['Hold on, did the goldfish just wave at me?', 'We finally got the keys and waltzed through every empty room.'].entries()) {
      await prompt.fill(phrase);
      await prompt.press('Enter');
      await page.getByText('tokens/s').nth(number).waitFor({ timeout: 60_000 });
    }
    return ui;
  },
};

mkdirSync(target, { recursive: true });
mkdirSync(scratch, { recursive: true });
if (wanted.length === 0 || wanted.includes('running')) for (const name of ['.olivepress', 'out', 'cache']) rmSync(join(folder, name), { recursive: true, force: true });
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
    'workbench.layoutControl.enabled': false, 'explorer.compactFolders': false, 'files.hotExit': 'off', 'files.exclude': { '.olive-cache': true, '**/.olivepress': true, 'smollm2-135m/*': true },
  },
});
try {
  let ui;
  const open = async (file) => {
    await ui?.close();
    ui = await openWorkbench(await connectBrowser(), { port: server.port, folder, file, viewport: { width: 1160, height: 700 } });
    await ui.understood();
    return ui;
  };
  for (const [name, take] of Object.entries(pictures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    try {
      await take(open, ui);
      await ui.page.waitForTimeout(700);
    } catch (error) {
      console.error(name, error.message.slice(0, 600));
    }
    await ui.page.screenshot({ path: join(target, `${name}.png`) });
    console.log(name);
  }
} finally {
  await server.stop();
  await disconnectBrowser();
  await browser.close();
}
process.exit(0);
