// run.mjs [--repeat N] [FILE...]: the tests in a real VS Code; without files all of them. Needs build/editor (install.sh)
// and a VSIX in dist/ (`make vsix`). Ends with the test runner's own closing lines and its exit code.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { launchBrowser } from './lib/browser.mjs';
import { installExtension } from './lib/codeServer.mjs';
import { installed, nodes, python, scratch, vsix } from './lib/paths.mjs';
import { MARK, endMarked } from './lib/processes.mjs';

const here = import.meta.dirname;
const words = process.argv.slice(2);
const repeat = words[0] === '--repeat' ? Number(words.splice(0, 2)[1]) : 1;
const files = words.length > 0
  ? words.map((word) => resolve(word))
  : ['host', 'ui'].flatMap((folder) => readdirSync(join(here, folder)).filter((name) => name.endsWith('.test.mjs')).sort().map((name) => join(here, folder, name)));

mkdirSync(scratch, { recursive: true });
const own = mkdtempSync(join(scratch, 'call-'));
const mark = `run-${String(process.pid)}-${own.split('-').at(-1)}`;
// It is started without the mark, so it does not end itself.
const guard = spawn(process.execPath, [join(here, 'lib/guard.mjs'), mark], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
process.env[MARK] = mark;
process.env.OLIVEPRESS_TEST_SCRATCH = own;
process.env.OLIVEPRESS_EDITOR = installed;

async function main() {
  const prepared = spawnSync(python, [join(here, 'lib/make_model.py'), join(own, 'model')], { encoding: 'utf8' });
  if (prepared.status !== 0) throw new Error(`${python} could not make the model: ${prepared.error?.message ?? prepared.stderr}`);
  process.env.OLIVEPRESS_TEST_EXTENSIONS = join(own, 'extensions');
  installExtension('newest', vsix(), process.env.OLIVEPRESS_TEST_EXTENSIONS);
  const browser = await launchBrowser();
  process.env.OLIVEPRESS_TEST_BROWSER = browser.wsEndpoint();
  let failed = 0;
  for (let round = 1; round <= repeat; round++) {
    if (repeat > 1) console.log(`round ${String(round)} of ${String(repeat)}`);
    failed ||= await runTests();
    if (failed !== 0) break;
  }
  await browser.close();
  return failed;
}

function runTests() {
  const child = spawn(
    nodes.newest,
    ['--test', '--test-concurrency=1', '--test-reporter=spec', '--test-timeout=240000', ...files],
    { stdio: 'inherit', env: process.env },
  );
  return new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
}

let code = 1;
try {
  code = await main();
} finally {
  delete process.env[MARK];
  await endMarked(mark);
  guard.stdin.end();
  rmSync(own, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(code);
