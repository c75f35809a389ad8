// What may happen to a window while a run goes on. Each time the run ends well, and the window that comes back has all of
// it: passes, curve, log, and the word that it is done.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { editorTest } from '../lib/editorTest.mjs';
import { end, extensionHosts, languageServers, workers } from '../lib/processes.mjs';
import { runnable } from '../lib/projects.mjs';
import { eventually, sleep } from '../lib/waiting.mjs';

const STEPS = 1500;
const AWAY = 30_000;
const project = () => runnable({ steps: STEPS });

async function startRun(ui, server) {
  await ui.understood();
  await ui.command('Olive: Run Optimization');
  await ui.lens(/running step \d+/).waitFor({ timeout: 90_000 });
  const [worker] = workers(server.mark);
  assert.ok(worker, 'there is a worker');
  return worker.pid;
}

const eventsOf = (folder) => {
  const runs = join(folder, '.olivepress/runs');
  const [run] = readdirSync(runs);
  return readFileSync(join(runs, run, 'events.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
};

async function endedWell(ui, folder, server, name) {
  await eventually('the end of the run', () => {
    const last = eventsOf(folder).at(-1);
    if (last.type === 'run_finished') return true;
    throw new Error(`${JSON.stringify(last)}, workers ${JSON.stringify(workers(server.mark).map(({ pid }) => pid))}`);
  }, { seconds: 240, every: 300 });
  const events = eventsOf(folder);
  assert.equal(events.at(-1).data.state, 'succeeded', JSON.stringify(events.at(-1)));
  assert.ok(existsSync(join(folder, 'out/model/genai_config.json')));
  await eventually('no worker is left', () => workers(server.mark).length === 0);

  await ui.notification('olive-config.json is done after').waitFor({ timeout: 60_000 });
  await ui.screenshot(name);
  await ui.openRuns();
  await ui.expand('olive-config.json');
  await eventually('all passes are done', async () => {
    const rows = await ui.treeRows();
    return ['lora, LoRA, done', 'merge, MergeAdapterWeights, done', 'int4, ModelBuilder, done'].every((pass) => rows.some((row) => row.startsWith(pass)));
  }, { seconds: 60 });

  await ui.command('Olive: Open Run');
  const page = ui.webview();
  await page.getByText('Succeeded').first().waitFor({ timeout: 60_000 });
  const table = page.locator('details.table').first();
  await eventually('the whole curve', async () => {
    if ((await table.getAttribute('open')) === null) await table.locator('summary').click();
    const steps = (await table.locator('tbody th').allInnerTexts()).map((text) => Number(text.replaceAll(/\D/g, '')));
    const gaps = steps.slice(1).map((step, index) => step - steps[index]);
    return steps[0] === 1 && steps.at(-1) === STEPS && Math.max(...gaps) <= 3 * Math.min(...gaps.slice(0, -1));
  });

  await ui.command('Olive: Show Run Log');
  const messages = events.filter(({ type }) => type === 'log').map(({ data }) => data.message.split('\n')[0]);
  await eventually('the whole log', () => {
    const log = runLog(server);
    const missing = messages.filter((message) => !log.includes(message));
    if (missing.length > 0) throw new Error(`missing: ${missing.slice(0, 3).join(' | ')}`);
    return /Run succeeded/.test(log);
  });
}

/** What the channel shows, from the file behind it. */
function runLog(server) {
  const logs = join(server.home, 'data/logs');
  const files = readdirSync(logs, { recursive: true }).filter((name) => /Olive Run.*\.log$/.test(name)).map((name) => join(logs, name));
  return readFileSync(files.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs)[0], 'utf8');
}

editorTest('the window is reloaded in mid-run', { project, open: 'olive-config.json' }, async ({ ui, folder, server }) => {
  const worker = await startRun(ui, server);
  await ui.reload();
  assert.ok(workers(server.mark).some(({ pid }) => pid === worker), 'the worker goes on');
  await endedWell(ui, folder, server, 'after-reload');
});

editorTest('the extension host is killed in mid-run', { project, open: 'olive-config.json' }, async ({ ui, folder, server }) => {
  const worker = await startRun(ui, server);
  const killed = end(extensionHosts(server.mark));
  assert.ok(killed.length > 0);
  assert.ok(workers(server.mark).some(({ pid }) => pid === worker), 'the worker goes on');
  // VS Code starts it again by itself.
  await eventually('another extension host', () => extensionHosts(server.mark).some(({ pid }) => !killed.includes(pid)), { seconds: 60 });
  await endedWell(ui, folder, server, 'after-extension-host');
  await eventually('no second language server', () => languageServers(server.mark).length === 1);
});

editorTest('the language server is killed in mid-run', { project, open: 'olive-config.json' }, async ({ ui, folder, server }) => {
  const worker = await startRun(ui, server);
  const killed = end(languageServers(server.mark));
  assert.equal(killed.length, 1);
  await eventually('another language server', () => languageServers(server.mark).some(({ pid }) => !killed.includes(pid)), { seconds: 60 });
  assert.ok(workers(server.mark).some(({ pid }) => pid === worker), 'the worker goes on');
  await endedWell(ui, folder, server, 'after-server');
});

editorTest('the browser is closed for 30 seconds', { project, open: 'olive-config.json' }, async ({ ui, folder, server, openWindow }) => {
  await startRun(ui, server);
  await ui.close();
  await sleep(AWAY);
  await endedWell(await openWindow(), folder, server, 'after-browser');
});

editorTest('the line is cut for 30 seconds', { project, open: 'olive-config.json', line: true }, async ({ ui, folder, server, line }) => {
  await startRun(ui, server);
  const hosts = extensionHosts(server.mark).map(({ pid }) => pid);
  line.cut();
  await sleep(AWAY);
  assert.deepEqual(extensionHosts(server.mark).map(({ pid }) => pid), hosts, 'the host waits for the window');
  line.mend();
  await endedWell(ui, folder, server, 'after-line');
});

editorTest("VS Code's server is killed in mid-run", { project, open: 'olive-config.json', own: true }, async ({ ui, folder, server, openWindow }) => {
  const worker = await startRun(ui, server);
  await server.kill();
  await ui.close();
  assert.ok(workers(server.mark).some(({ pid }) => pid === worker), 'the worker goes on');
  await server.start();
  await endedWell(await openWindow(), folder, server, 'after-host');
});
