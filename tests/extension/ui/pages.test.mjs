// What the pages show and ask for, state by state, with the keyboard too.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { difference } from '../../../extension/src/pages/runState.ts';
import { disconnectBrowser } from '../lib/browser.mjs';
import { aRun, openPage } from '../lib/pages.mjs';
import { eventually } from '../lib/waiting.mjs';

after(disconnectBrowser);

/** A test with a page; it must end without an error in the console, of the policy's either. */
function pageTest(name, script, options, body) {
  test(name, async () => {
    const opened = await openPage(script, options);
    try {
      await body(opened);
      assert.deepEqual(opened.errors, []);
    } finally {
      await opened.close();
    }
  });
}

const show = (opened, run) => opened.post({ type: 'state', state: run.shown(), now: run.now() });
const loss = (page) => page.getByRole('slider', { name: 'Loss' });

pageTest('a run: where it stands, in numbers and in words', 'run', {}, async (opened) => {
  const { page } = opened;
  const run = aRun();
  for (let step = 1; step <= 40; step += 1) run.step(step, 3 / step);
  await show(opened, run);
  await page.getByText('lora (pass 1 of 2) · training · 40/100 steps · 1m left').waitFor();
  assert.equal(await page.getByRole('progressbar').getAttribute('aria-valuenow'), '40');
  assert.equal(await page.locator('.tile', { hasText: 'Loss' }).innerText(), 'Loss\n0.075\nfrom 3 at the first step');
  assert.match(await page.locator('.pass').first().innerText(), /lora\s*LoRA/);
  assert.match(await page.locator('.pass').last().innerText(), /build[\s\S]*waiting/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await page.getByRole('button', { name: 'Resume' }).isVisible(), false);
  await page.locator('.pass').getByRole('button', { name: 'lora' }).click();
  assert.deepEqual(await opened.asked(), [{ type: 'do', action: 'cancel' }, { type: 'do', action: 'pass', name: 'lora' }]);
});

pageTest('the curve says its values to the keyboard, and in a table', 'run', {}, async (opened) => {
  const { page } = opened;
  const run = aRun();
  for (let step = 1; step <= 40; step += 1) run.step(step, 3 / step);
  await show(opened, run);
  await loss(page).focus();
  const says = (text) => page.locator(`[role=slider][aria-label=Loss][aria-valuetext="${text}"]`).waitFor();
  await says('Step 40, Loss 0.075');
  await page.keyboard.press('ArrowLeft');
  await says('Step 39, Loss 0.07692');
  await page.keyboard.press('Home');
  await says('Step 1, Loss 3');
  await page.keyboard.press('PageUp');
  await says('Step 5, Loss 0.6');
  await page.getByText('Values as a table').first().click();
  const rows = page.getByRole('table', { name: 'Loss' }).getByRole('row');
  await eventually('a row a step, and its head', async () => (await rows.count()) === 41);
  assert.equal(await rows.nth(3).innerText(), '3\t1');
});

pageTest('a step that comes is drawn without the rest being sent', 'run', {}, async (opened) => {
  const { page } = opened;
  const run = aRun();
  run.step(1, 3);
  const before = run.shown();
  await show(opened, run);
  await page.locator('.tile', { hasText: 'Loss' }).getByText('3', { exact: true }).waitFor();
  run.step(2, 2.5);
  await opened.post({ type: 'patch', patch: difference(before, run.shown()), now: run.now() });
  await page.locator('.tile', { hasText: 'Loss' }).getByText('2.5').waitFor();
  await eventually('the curve goes on', async () => (await loss(page).getAttribute('aria-valuemax')) === '2');
});

pageTest('the log is filtered, follows until it is scrolled up, and does not grow without end', 'run', {}, async (opened) => {
  const { page } = opened;
  const run = aRun();
  run.log('warning', 'memory is short');
  run.log('debug', 'imported in 1.6 s');
  await show(opened, run);
  const lines = page.getByRole('log');
  await lines.getByText('memory is short').waitFor();
  assert.equal(await lines.getByText('imported').count(), 0);
  const level = page.getByRole('combobox', { name: 'Lowest level shown' });
  await level.selectOption('debug');
  await lines.getByText('imported').waitFor();
  await level.selectOption('warning');
  assert.equal(await lines.locator('.line').count(), 1);
  await level.selectOption('info');
  for (let burst = 0; burst < 3; burst += 1) {
    const before = run.shown();
    for (let line = 1; line <= 4000; line += 1) run.log('info', `burst ${burst} line ${line}`);
    await opened.post({ type: 'patch', patch: difference(before, run.shown()), now: run.now() });
    await lines.getByText(`burst ${burst} line 4000`).waitFor();
  }
  assert.equal(await lines.locator('.line').count(), 500);
  const follow = page.getByRole('button', { name: 'Follow' });
  assert.equal(await follow.getAttribute('aria-pressed'), 'true');
  await lines.evaluate((element) => { element.scrollTop = 0; });
  await page.locator('button[aria-pressed=false]', { hasText: 'Follow' }).waitFor();
});

pageTest('a failed run: why, the line, what can be done', 'run', {}, async (opened) => {
  const { page } = opened;
  const error = { code: 'x', message: 'the loss is nan', hint: 'try a lower `learning_rate`', pointer: '/passes/lora', line: 32, column: 24 };
  await show(opened, aRun({ state: 'failed', error }));
  const alert = page.getByRole('alert');
  assert.match(await alert.innerText(), /the loss is nan\s+try a lower\s*learning_rate/);
  await alert.getByRole('button', { name: 'olive-config.json:32:24' }).click();
  await alert.getByRole('button', { name: 'Show the log' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  assert.deepEqual((await opened.asked()).map(({ action }) => action), ['error', 'log', 'resume']);
  assert.equal(await page.getByRole('button', { name: 'Cancel' }).isVisible(), false);
  assert.match(await page.locator('.pass').last().innerText(), /not run/);
});

pageTest('a run that is done leads to its artifacts', 'run', {}, async (opened) => {
  const { page } = opened;
  const run = aRun({ state: 'succeeded' });
  run.tell('artifact', { kind: 'model', path: '/home/me/out/model', size_bytes: 90e6 }, 'build');
  await show(opened, run);
  const row = page.locator('.artifact');
  assert.match(await row.innerText(), /Model\s*90 MB[\s\S]*\/home\/me\/out\/model/);
  for (const name of ['Try the Model', 'Copy the path: Model', 'Open the folder: Model']) await row.getByRole('button', { name }).click();
  const path = '/home/me/out/model';
  assert.deepEqual(await opened.asked(), ['try', 'copyPath', 'open'].map((action) => ({ type: 'do', action, path })));
});

test('what was set on a page is so again when it was hidden or the window reloaded', async () => {
  const run = aRun();
  run.step(1, 3);
  const first = await openPage('run', { subject: { run: 'abc' } });
  await show(first, run);
  await first.page.getByRole('button', { name: 'Log scale' }).click();
  await first.page.getByRole('combobox', { name: 'Smoothing' }).selectOption('0.8');
  await first.page.getByRole('combobox', { name: 'Lowest level shown' }).selectOption('error');
  const kept = await first.kept();
  await first.close();
  assert.deepEqual(kept.subject, { run: 'abc' });
  const second = await openPage('run', { kept, subject: { run: 'abc' } });
  await show(second, run);
  assert.equal(await second.page.getByRole('button', { name: 'Log scale' }).getAttribute('aria-pressed'), 'true');
  assert.equal(await second.page.getByRole('combobox', { name: 'Smoothing' }).inputValue(), '0.8');
  assert.equal(await second.page.getByRole('combobox', { name: 'Lowest level shown' }).inputValue(), 'error');
  await second.close();
});

const estimate = { peak_memory_bytes: 4e9, disk_bytes: 1e8, trainable_parameters: 1792, total_parameters: 116_800, data: { steps: 500, tokens: 447, epochs: 41.667 }, notes: [] };
const plan = {
  ok: true, config: 'olive-config.json', problems: [], outputs: { model: '/home/me/out/model' }, cache_dir: '/home/me/cache',
  peak_memory_bytes: 4e9, memory_available_bytes: 2e9, disk_bytes: 1e8, disk_free_bytes: 5e10,
  passes: [
    { name: 'lora', type: 'LoRA', cached: false, key: null, parameters: { r: 4, training_args: { max_steps: 500 }, bias: 'none' }, given: ['r', 'training_args', 'training_args.max_steps'], estimate },
    { name: 'build', type: 'ModelBuilder', cached: true, key: null, parameters: { precision: 'int4' }, given: ['precision'], estimate: { ...estimate, data: {}, notes: ['merged while it is built'] } },
  ],
};
const planState = { config: '/home/me/olive-config.json', place: 'olive-config.json', loading: false, plan, error: null, outdated: false, pass: null };

pageTest('a plan: what is done, what is cached, whether there is room', 'plan', {}, async (opened) => {
  const { page } = opened;
  await opened.post({ type: 'state', state: planState });
  const lora = page.locator('.planned-pass').first();
  assert.match(await lora.innerText(), /to run[\s\S]*500 steps[\s\S]*41.7 epochs[\s\S]*trains 1,792 parameters \(1.5 %\)/);
  assert.match(await lora.innerText(), /training_args.max_steps\s*500/);
  assert.match(await page.locator('.planned-pass').last().innerText(), /from the cache[\s\S]*merged while it is built/);
  assert.match(await page.locator('.tile.short').innerText(), /Memory\s+about 4 GB\s+only 2 GB free/);
  await lora.getByText('Defaults (1)').click();
  await lora.getByText('"none"').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await lora.getByRole('button', { name: 'Run from here' }).click();
  await lora.getByRole('button', { name: 'lora' }).click();
  assert.deepEqual(await opened.asked(), [
    { type: 'do', action: 'run' }, { type: 'do', action: 'runFrom', name: 'lora' }, { type: 'do', action: 'pass', name: 'lora' },
  ]);
});

pageTest('a plan that is refused: the problems, and no run', 'plan', {}, async (opened) => {
  const { page } = opened;
  const problems = [{ code: 'x', severity: 'error', message: '`r` must be a whole number', pointer: '/passes/lora/r', line: 25, column: 12 }];
  await opened.post({ type: 'state', state: { ...planState, plan: { ...plan, ok: false, problems, passes: [] } } });
  await page.getByText('must be a whole number').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled(), true);
  await page.getByRole('button', { name: 'line 25' }).click();
  assert.deepEqual(await opened.asked(), [{ type: 'do', action: 'line', line: 25, column: 12 }]);
});

pageTest('two runs: both curves, what differs, by how much', 'compare', {}, async (opened) => {
  const { page } = opened;
  const compared = (id, last) => ({
    id, name: 'olive-config.json', place: 'olive-config.json', state: 'succeeded', started: Date.now(), seconds: 100,
    passes: [{ name: 'lora', type: 'LoRA', cached: false, seconds: 90 }], metrics: { first_loss: 4, loss: last },
    series: { loss: [[1, 4], [2, last]] }, artifacts: [{ kind: 'model', path: `/${id}/model`, size: 1e6 }],
  });
  const changes = [{ key: 'passes.lora.r', values: ['4', null] }];
  await opened.post({ type: 'state', state: { runs: [compared('one', 2), compared('two', 1)], changes } });
  await page.locator('[role=slider][aria-valuetext="Step 2, one 2, two 1"]').waitFor();
  assert.match(await page.getByRole('row', { name: /Last loss/ }).innerText(), /Last loss\s+2\s+1\s+−50%/);
  assert.match(await page.getByRole('row', { name: /passes.lora.r/ }).innerText(), /4\s+not set/);
  await page.getByRole('button', { name: 'olive-config.json' }).last().click();
  assert.deepEqual(await opened.asked(), [{ type: 'do', action: 'openRun', id: 'two' }]);
});

const model = {
  folder: '/home/me/out/model', name: 'out', status: 'ready', problem: null, chatTemplate: true, contextLength: 256, loadSeconds: 0.5,
  template: '### Text: {prompt}\n### In the style of {style}:\n', turns: [],
};

pageTest('a prompt is asked in the template of the config, other columns filled in', 'tryModel', {}, async (opened) => {
  const { page } = opened;
  await opened.post({ type: 'state', state: model });
  await page.getByLabel('style').fill('Goethe');
  await page.getByRole('textbox', { name: 'Prompt' }).fill('I miss you');
  await page.getByLabel('Temperature').fill('0.7');
  await page.keyboard.press('Tab');
  await page.getByRole('textbox', { name: 'Prompt' }).press('Enter');
  const [{ type, asking }] = await opened.asked();
  assert.equal(type, 'ask');
  assert.deepEqual(asking, {
    prompt: 'I miss you', form: 'template', template: '### Text: {prompt}\n### In the style of Goethe:\n', system: '',
    temperature: 0.7, maxTokens: 256, remember: true,
  });
  assert.equal(await page.getByRole('textbox', { name: 'Prompt' }).inputValue(), '');
});

pageTest('an answer comes piece by piece, and can be stopped', 'tryModel', {}, async (opened) => {
  const { page } = opened;
  await opened.post({ type: 'state', state: { ...model, status: 'answering', turns: [{ id: 1, prompt: 'joy', answer: '' }] } });
  await opened.post({ type: 'token', id: 1, text: 'Sur' });
  await opened.post({ type: 'token', id: 1, text: 'prise' });
  await page.locator('.answer', { hasText: 'Surprise' }).waitFor();
  await page.keyboard.press('Escape');
  assert.deepEqual(await opened.asked(), [{ type: 'do', action: 'stop' }]);
  const outcome = { tokens: 2, tokensPerSecond: 41.53, firstToken: 0.2, finish: 'stopped' };
  await opened.post({ type: 'turn', turn: { id: 1, prompt: 'joy', answer: 'Surprise', outcome } });
  await page.getByText('2 tokens · 41.5 tokens/s · first token after 200ms · stopped').waitFor();
  assert.equal((await opened.kept()).page.turns[0].answer, 'Surprise');
});

pageTest('a model that cannot be asked says why, and offers the engine', 'tryModel', {}, async (opened) => {
  const { page } = opened;
  const problem = { message: 'onnxruntime-genai cannot be imported', hint: '', setUp: true };
  await opened.post({ type: 'state', state: { ...model, status: 'ended', problem } });
  await page.getByRole('alert').getByText('cannot be imported').waitFor();
  await page.getByRole('textbox', { name: 'Prompt' }).fill('joy');
  assert.equal(await page.getByRole('button', { name: 'Send' }).isDisabled(), true);
  await page.getByRole('button', { name: 'Set Up Engine' }).click();
  assert.deepEqual(await opened.asked(), [{ type: 'do', action: 'setUp' }]);
});

pageTest('a template without a place for the prompt is refused at once', 'tryModel', {}, async (opened) => {
  const { page } = opened;
  await opened.post({ type: 'state', state: model });
  await page.getByRole('textbox', { name: 'Prompt' }).fill('joy');
  await page.getByLabel('Template', { exact: true }).fill('nothing');
  await page.getByText('The template needs {prompt}').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Send' }).isDisabled(), true);
  await page.getByRole('button', { name: "Reset to the config's template" }).click();
  assert.equal(await page.getByRole('button', { name: 'Send' }).isDisabled(), false);
});

const samples = {
  run: () => {
    const run = aRun({ state: 'succeeded' });
    for (let step = 1; step <= 20; step += 1) run.step(step, 3 / step);
    for (const kind of ['model', 'adapter', 'summary']) run.tell('artifact', { kind, path: `/home/me/a/long/path/to/the/output/${kind}`, size_bytes: 9e7 }, 'build');
    run.log('warning', 'a long line '.repeat(20));
    return { type: 'state', state: run.shown(), now: run.now() };
  },
  plan: () => ({ type: 'state', state: planState }),
  tryModel: () => ({ type: 'state', state: { ...model, turns: [{ id: 1, prompt: 'joy '.repeat(40), answer: 'x'.repeat(300), outcome: { tokens: 1, tokensPerSecond: null, firstToken: null, finish: 'length' } }] } }),
};
for (const [script, sample] of Object.entries(samples)) {
  pageTest(`${script}: narrow, nothing is cut off; every control has a name`, script, { width: 340 }, async (opened) => {
    await opened.post(sample());
    await opened.page.locator('h1').waitFor();
    await opened.page.getByRole('button').first().waitFor();
    const { wide, nameless } = await opened.page.evaluate(() => {
      const controls = [...document.querySelectorAll('button, input, select, textarea, [role=slider], [role=log]')];
      const named = (one) => one.textContent.trim() || one.ariaLabel || one.labels?.length;
      return {
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        nameless: controls.filter((one) => !named(one)).map((one) => one.outerHTML),
      };
    });
    assert.equal(wide, 0);
    assert.deepEqual(nameless, []);
  });
}
