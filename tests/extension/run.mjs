// run.mjs [--repeat N] [--together N] [--name PATTERN] [FILE...]: the tests in a real VS Code; without files all of them, so
// many files at a time. Needs build/editor (install.sh) and a VSIX in dist/ (`make vsix`). Ends with the test runner's own closing lines and its exit code.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from './lib/browser.mjs';
import { installExtension } from './lib/codeServer.mjs';
import { installed, nodes, python, scratch, vsix } from './lib/paths.mjs';
import { MARK, endMarked } from './lib/processes.mjs';

const here = import.meta.dirname;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { repeat: { type: 'string', default: '1' }, together: { type: 'string', default: '1' }, name: { type: 'string' } },
});
const repeat = Number(values.repeat);
const files = positionals.length > 0
  ? positionals.map((word) => resolve(word))
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
  const named = values.name === undefined ? [] : ['--test-name-pattern', values.name];
  const child = spawn(
    nodes.newest,
    ['--test', ...named, `--test-concurrency=${values.together}`, '--test-reporter=spec', '--test-timeout=420000', ...files],
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
