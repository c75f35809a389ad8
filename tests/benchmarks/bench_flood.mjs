// bench_flood.mjs: 10,000 log lines a second for 10 seconds, in a window that shows the run's log. Writes JSON to stdout:
// the longest time for which the window, and the extension host, could do nothing else.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectBrowser, disconnectBrowser } from '../extension/lib/browser.mjs';
import { installExtension, startServer } from '../extension/lib/codeServer.mjs';
import { python, root, scratch, vsix } from '../extension/lib/paths.mjs';
import { makeFolder } from '../extension/lib/projects.mjs';
import { openWorkbench } from '../extension/lib/workbench.mjs';

const RATE = 10_000;
const SECONDS = 10;

/** A Python whose `olive_engine.worker` writes log lines and does nothing else. */
function floodingPython(folder) {
  const run = (program, ...words) => {
    const done = spawnSync(program, words, { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
    return done.stdout.trim();
  };
  run(python, '-m', 'venv', '--without-pip', folder);
  const program = join(folder, 'bin/python');
  const worker = JSON.stringify(join(root, 'tests/server/protocol/fake_worker.py'));
  const lines = [
    'import sys', 'if "olive_engine.worker" in sys.orig_argv:', '    import runpy',
    `    sys.argv = [${worker}, sys.orig_argv[-1]]`, `    runpy.run_path(${worker}, run_name="__main__")`, '    sys.exit(0)', '',
  ];
  writeFileSync(join(run(program, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'), 'sitecustomize.py'), lines.join('\n'));
  return program;
}

/** Has the bundle write the longest delay of its thread, in milliseconds, into `file`, each second anew since `reset`. */
function watched(extensions, file) {
  const folder = readdirSync(extensions).find((name) => name.startsWith('olivepress'));
  const bundle = join(extensions, folder, 'dist/extension.js');
  writeFileSync(bundle, `${readFileSync(bundle, 'utf8')}\n;{
  const { monitorEventLoopDelay } = require('node:perf_hooks'), { existsSync, rmSync, writeFileSync } = require('node:fs');
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  setInterval(() => {
    if (existsSync(${JSON.stringify(`${file}.reset`)})) { rmSync(${JSON.stringify(`${file}.reset`)}); delay.reset(); }
    writeFileSync(${JSON.stringify(file)}, String(delay.max / 1e6));
  }, 500).unref();
}`);
}

mkdirSync(scratch, { recursive: true });
const own = mkdtempSync(join(scratch, 'flood-'));
const extensions = join(own, 'extensions');
const longestFile = join(own, 'longest');
installExtension('newest', vsix(), extensions);
watched(extensions, longestFile);
const server = await startServer({ extensions, interpreter: floodingPython(join(own, 'venv')) });
try {
  const passes = { build: { type: 'ModelBuilder', precision: 'int4' } };
  const folder = makeFolder({
    'olive-config.json': { input_model: { type: 'HfModel', model_path: 'm' }, passes, output_dir: 'out' },
    'play.json': { lines: RATE * SECONDS, pace: RATE, steps: 3 },
  });
  const window = await openWorkbench(await connectBrowser(), { port: server.port, folder, file: 'olive-config.json' });
  await window.understood();
  await window.command('Olive: Run Optimization');
  await window.command('Olive: Show Run Log');
  await window.page.locator('.output-view .view-line', { hasText: 'line ' }).first().waitFor({ timeout: 60_000 });
  writeFileSync(`${longestFile}.reset`, '');
  await window.page.evaluate(() => {
    globalThis.longest = 0;
    const note = (list) => { for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration); };
    new PerformanceObserver(note).observe({ type: 'longtask' });
  });
  await window.notification(/olive-config\.json (is done|failed)/).waitFor({ timeout: 120_000 });
  const longest = { window: await window.page.evaluate(() => globalThis.longest), host: Number(readFileSync(longestFile, 'utf8')) };
  console.log(JSON.stringify([{
    window: `${String(RATE)} log lines a second for ${String(SECONDS)} s`,
    longest_block_of_the_window_ms: longest.window,
    longest_block_of_the_extension_host_ms: longest.host,
  }]));
  await window.close();
  rmSync(folder, { recursive: true, force: true });
} finally {
  await server.stop();
  await disconnectBrowser();
  rmSync(own, { recursive: true, force: true });
}
