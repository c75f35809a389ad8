// The pages in the real window: a plan that leads to its config, a run page that is there again, a model that answers.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { editorTest } from '../lib/editorTest.mjs';
import { marked } from '../lib/processes.mjs';
import { runnable } from '../lib/projects.mjs';
import { eventually } from '../lib/waiting.mjs';

const models = (mark) => marked(mark).filter(({ command }) => command.includes('--serve-stdio'));

editorTest('Show Plan: what a run would do; a pass leads to its place; Run runs', {
  project: () => runnable({ steps: 6 }),
  open: 'olive-config.json',
}, async ({ ui }) => {
  await ui.understood();
  await ui.command('Olive: Show Plan');
  const page = ui.webview();
  await page.getByText('Ready to run').waitFor({ timeout: 120_000 });
  assert.match(await page.locator('.planned-pass').first().innerText(), /lora[\s\S]*LoRA[\s\S]*6 steps[\s\S]*training_args\.max_steps\s*6/);
  await ui.screenshot('plan');
  await page.locator('.planned-pass').nth(1).getByRole('button', { name: 'merge' }).click();
  await ui.status(/Ln 3\d, Col \d+/).waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await ui.notification('olive-config.json is done after').waitFor({ timeout: 120_000 });
});

// Without a file in its address, for a window that is told what to open does not restore what was open.
editorTest('the run page goes on while it is hidden, is there again after a reload, and cancels', {
  project: () => runnable({ steps: 200_000 }),
}, async ({ ui }) => {
  await ui.openFile('olive-config.json');
  await ui.understood();
  await ui.command('Olive: Run Optimization');
  await ui.status(/lora: step \d+/).waitFor({ timeout: 60_000 });
  await ui.command('Olive: Open Run');
  const page = ui.webview();
  const step = async () => Number(/ ([\d,]+)\/200,000 steps/.exec(await page.locator('.progress-text').innerText())?.[1]?.replaceAll(',', ''));
  const first = await eventually('the first step', async () => (await step()) > 0 && step());
  await page.getByRole('button', { name: 'Log scale' }).click();
  await ui.screenshot('run-page-live');

  await ui.tab('olive-config.json').first().click();
  await ui.page.locator('.tab', { hasText: 'Run: olive-config.json' }).click();
  await eventually('later steps on the page that was hidden', async () => (await step()) > first);
  assert.equal(await page.getByRole('button', { name: 'Log scale' }).getAttribute('aria-pressed'), 'true');

  const before = await step();
  await ui.reload();
  await eventually('later steps on the page after the reload', async () => (await step()) > before, { seconds: 90 });
  assert.equal(await page.getByRole('button', { name: 'Log scale' }).getAttribute('aria-pressed'), 'true');
  assert.ok(Number(await page.getByRole('slider', { name: 'Loss' }).getAttribute('aria-valuemax')) >= before);

  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('.badge', { hasText: 'Cancelled' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Resume' }).waitFor();
});

editorTest('Try the Model: the template of the data, an answer, its speed; the process ends with the page', {
  project: () => runnable({ steps: 4 }),
  open: 'olive-config.json',
}, async ({ ui, folder, server }) => {
  await ui.understood();
  await ui.command('Olive: Run Optimization');
  await ui.clickNotification('olive-config.json is done after', 'Try the Model');
  const page = ui.webview();
  await page.locator('.badge', { hasText: 'Ready' }).waitFor({ timeout: 120_000 });
  await page.getByText(join(folder, 'out/model')).waitFor();
  const prompt = page.getByRole('textbox', { name: 'Prompt' });
  await prompt.fill('phrase number 3 is here');
  await prompt.press('Enter');
  await page.locator('.outcome', { hasText: /\d+ tokens · [\d,.]+ tokens\/s · first token after/ }).waitFor({ timeout: 60_000 });
  assert.notEqual(await page.locator('.answer').innerText(), '');
  await page.getByText('Settings').click();
  assert.equal(await page.getByLabel('Template', { exact: true }).inputValue(), '{prompt} -> ');
  await ui.screenshot('try-the-model');

  assert.equal(models(server.mark).length, 1);
  await ui.command('View: Close Editor');
  await eventually('the end of the process', async () => models(server.mark).length === 0);
});
