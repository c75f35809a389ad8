// The pages' own scripts in a plain browser, under the same policy as in the editor, with an editor that only listens:
// fast, and every state can be shown. That they work in the real one is for the tests beside this.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newRun, takeRead } from '../../../extension/src/runs/model.ts';
import { runPageState } from '../../../extension/src/pages/runPageState.ts';
import { connectBrowser } from './browser.mjs';
import { root } from './paths.mjs';

const extension = join(root, 'extension');
const ADDRESS = 'http://pages.test';
const POLICY = `default-src 'none'; style-src ${ADDRESS}; script-src 'nonce-abc'`;

/** Every word of the pages in English, from the one place where they stand. */
function strings() {
  const source = readFileSync(join(extension, 'src/pages/strings.ts'), 'utf8');
  return Object.fromEntries([...source.matchAll(/^\s+(\w+): l10n\.t\((['"])(.*)\2\),$/gm)].map(([, key, , text]) => [key, text]));
}

/** `kept`: what setState held before the page was made anew. */
export async function openPage(script, { kept, width = 1100, subject = {} } = {}) {
  const browser = await connectBrowser();
  const context = await browser.newContext({ viewport: { width, height: 800 } });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  const opening = JSON.stringify({ locale: 'en', strings: strings(), subject }).replaceAll('<', '\\u003c');
  const files = {
    '/': ['text/html', `<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8">
      <meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>page</title>
      <link rel="stylesheet" href="${ADDRESS}/pages.css"></head><body class="vscode-dark">
      <script type="application/json" id="opening">${opening}</script>
      <script nonce="abc" src="${ADDRESS}/${script}.js"></script></body></html>`],
    '/pages.css': ['text/css', readFileSync(join(extension, 'media/pages.css'), 'utf8')],
    [`/${script}.js`]: ['text/javascript', readFileSync(join(extension, `dist/web/${script}.js`), 'utf8')],
  };
  await page.route(`${ADDRESS}/**`, (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname] ?? ['text/plain', ''];
    return route.fulfill({ contentType, body });
  });
  await page.addInitScript((state) => {
    window.sent = [];
    window.kept = state;
    window.acquireVsCodeApi = () => ({
      postMessage: (message) => { window.sent.push(message); },
      getState: () => window.kept,
      setState: (now) => { window.kept = now; },
    });
  }, kept);
  await page.goto(`${ADDRESS}/`);
  return {
    page,
    errors,
    post: (message) => page.evaluate((one) => { window.postMessage(one, '*'); }, message),
    /** What was asked of the extension since the page said that it is ready. */
    asked: async () => (await page.evaluate(() => window.sent)).filter(({ type }) => type !== 'ready'),
    kept: () => page.evaluate(() => window.kept),
    close: () => context.close(),
  };
}

const BEGAN = Date.parse('2026-11-24T10:00:01.000Z');

/** A run to be told, event by event. */
export function aRun({ state = 'running', error = null, passes = [['lora', 'LoRA'], ['build', 'ModelBuilder']] } = {}) {
  const final = state !== 'running';
  const records = passes.map(([name, type], index) => ({
    name, type, cached: false, state: index > 0 ? 'waiting' : state === 'succeeded' ? 'succeeded' : state,
  }));
  const run = newRun({
    id: '20261124-100000-abcd', state, pid: 1, config: '/home/me/olive-config.json', created: '2026-11-24T10:00:00.000Z',
    started: '2026-11-24T10:00:01.000Z', finished: final ? '2026-11-24T10:04:01.000Z' : null, output_dir: '/home/me/out', error,
    passes: records, options: { trust_user_script: false, lenient: false, python: null }, host: 'h', boot: 'b',
    pid_started: null, attempt: 1, folder: '/home/me/.olivepress/runs/20261124-100000-abcd',
  });
  let seq = 0;
  const tell = (type, data, pass = 'lora') => {
    seq += 1;
    takeRead(run, seq - 1, [{ seq, time: new Date(BEGAN + seq * 1000).toISOString(), type, pass_name: pass, data }]);
  };
  tell('run_started', { run_id: run.id, attempt: 1, resumed: false, passes: passes.map(([name, type]) => ({ name, type })) }, null);
  tell('pass_started', { index: 0, total: passes.length, type: passes[0][1], cached: false });
  return {
    run,
    tell,
    step: (number, loss, total = 100) => {
      tell('metric', { step: number, loss, learning_rate: 1e-4, tokens_per_second: 100 + number });
      tell('progress', { phase: 'train', done: number, total, unit: 'step', seconds_left: total - number, memory_bytes: 1.5e9 + number });
    },
    log: (level, message) => { tell('log', { level, message }); },
    shown: () => runPageState(run, { stopping: false, place: 'olive-config.json', line: ({ kind, message }) => message || kind }),
    now: () => BEGAN + seq * 1000,
  };
}
