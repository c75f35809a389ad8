// Tests inside the extension host: a development copy of the extension with source maps, mocha there, its results here.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { connectBrowser } from './browser.mjs';
import { installed, nodes, root, scratch, screenshots } from './paths.mjs';
import { eventually } from './waiting.mjs';

const extension = join(root, 'extension');

/** Copies the extension and bundles it and the tests, unminified, with source maps; where they are. */
export async function prepareHostTests() {
  const development = join(scratch, 'development');
  const tests = join(scratch, 'host-tests');
  if (!existsSync(development)) {
    mkdirSync(development, { recursive: true });
    cpSync(extension, development, { recursive: true, filter: (path) => !/\/(node_modules|dist|tests)$/.test(path) });
    symlinkSync(join(extension, 'node_modules'), join(development, 'node_modules'));
    const built = spawnSync(nodes.newest, ['esbuild.mjs', '--dev'], { cwd: development, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`the extension does not build:\n${built.stderr}`);
    const { build } = createRequire(join(extension, 'package.json'))('esbuild');
    await build({
      entryPoints: { index: join(root, 'tests/extension/host/index.ts') },
      outdir: tests,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['vscode', 'mocha'],
      logLevel: 'warning',
    });
    symlinkSync(join(installed, 'node_modules'), join(tests, 'node_modules'));
  }
  return { development, tests };
}

/** Runs the tests of one suite in a window on that folder: [{title, error?}], as mocha ended them. */
export async function runInHost(server, { folder, suite, seconds = 240 }) {
  const { development, tests } = await prepareHostTests();
  const results = join(server.home, `results-${suite}.json`);
  rmSync(results, { force: true });
  const remote = (path) => `vscode-remote://127.0.0.1:${String(server.port)}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(development)],
    ['extensionTestsPath', remote(join(tests, 'index.js'))],
  ];
  const context = await (await connectBrowser()).newContext();
  const said = [];
  const page = await context.newPage();
  try {
    page.on('console', (message) => said.push(message.text()));
    await page.exposeFunction('codeAutomationLog', (kind, words) => said.push(`${kind}: ${JSON.stringify(words)}`));
    const exit = new Promise((done) => page.exposeFunction('codeAutomationExit', (code) => done(code)));
    await page.goto(`http://127.0.0.1:${String(server.port)}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
    const there = () => existsSync(results) && JSON.parse(readFileSync(results, 'utf8'));
    const waited = eventually(`the results of ${suite}`, there, { seconds });
    return await Promise.race([waited, exit.then((code) => there() || Promise.reject(new Error(`no results; the host's tests ended with ${String(code)}`)))]);
  } catch (error) {
    mkdirSync(join(screenshots, 'failed'), { recursive: true });
    await page.screenshot({ path: join(screenshots, `failed/host-${suite}.png`) });
    throw new Error(`${error.message}\nthe host said:\n${said.slice(-20).join('\n')}\n${server.log().slice(-3000)}`);
  } finally {
    await context.close();
  }
}
