// A server of VS Code's own, with a home, settings and extensions of its own, on a free port.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { nodes, python, scratch, servers } from './paths.mjs';
import { MARK, endMarked } from './processes.mjs';
import { eventually } from './waiting.mjs';

const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'json.schemaDownload.enable': false,
  'editor.autoClosingQuotes': 'never',
  'editor.autoClosingBrackets': 'never',
  'editor.accessibilitySupport': 'off',
  'security.workspace.trust.startupPrompt': 'never',
  'files.simpleDialog.enable': true,
  'files.autoSave': 'off',
};

/** What a folder of extensions is made of: the VSIX, unpacked by VS Code itself. */
export function installExtension(release, vsix, folder) {
  const home = mkdtempSync(join(scratch, 'install-'));
  writeFileSync(join(home, 'server.yaml'), 'auth: none\n');
  const done = spawnSync(
    nodes[release],
    [servers[release], '--config', join(home, 'server.yaml'), '--user-data-dir', join(home, 'data'), '--extensions-dir', folder, '--install-extension', vsix],
    { encoding: 'utf8', env: { ...process.env, HOME: home } },
  );
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  if (done.status !== 0) throw new Error(`installing ${vsix} failed:\n${done.stdout}\n${done.stderr}`);
}

/**
 * options: extensions (a folder that installExtension made), release ('newest', 'oldest'), trustAll (no question of
 * trust: every folder is trusted), smokeTest (for tests in the extension host; hides notifications), settings of the user,
 * interpreter ('' for none), env, grace (seconds for which the host waits for a lost window).
 */
export async function startServer(options = {}) {
  const { extensions, release = 'newest', trustAll = true, smokeTest = false, settings = {}, interpreter = python, env = {}, grace = 60 } = options;
  mkdirSync(scratch, { recursive: true });
  const home = mkdtempSync(join(scratch, 'server-'));
  const mark = `${process.env[MARK] ?? 'alone'}.${home.split('-').at(-1)}`;
  const data = join(home, 'data');
  mkdirSync(join(data, 'User'), { recursive: true });
  mkdirSync(join(home, 'extensions'));
  if (extensions !== undefined) cpSync(extensions, join(home, 'extensions'), { recursive: true });
  writeFileSync(join(home, 'server.yaml'), 'auth: none\n');
  writeFileSync(join(data, 'User/settings.json'), JSON.stringify({ ...QUIET, ...settings }, undefined, 2));
  // What names a program of the host stands in the host's own settings: elsewhere VS Code does not read it.
  mkdirSync(join(data, 'Machine'));
  const machine = { 'olivepress.interpreter': interpreter };
  writeFileSync(join(data, 'Machine/settings.json'), JSON.stringify(machine, undefined, 2));
  const port = await freePort();
  const words = [
    servers[release],
    ...['--config', join(home, 'server.yaml'), '--bind-addr', `127.0.0.1:${String(port)}`, '--auth', 'none'],
    ...['--user-data-dir', data, '--extensions-dir', join(home, 'extensions')],
    ...(release === 'newest' ? ['--reconnection-grace-time', String(grace)] : []),
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--disable-proxy'],
    '--ignore-last-opened',
    ...(trustAll ? ['--disable-workspace-trust'] : []),
    ...(smokeTest ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
  const environment = {
    ...process.env,
    ...{ HOME: home, XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', XDG_CACHE_HOME: '', XDG_DATA_HOME: '', LANG: 'C.UTF-8' },
    ...{ EXTENSIONS_GALLERY: '{"serviceUrl":"","resourceUrlTemplate":""}', HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: '1' },
    ...env,
    [MARK]: mark,
  };
  for (const name of Object.keys(environment)) {
    if (environment[name] === '' || name.startsWith('VSCODE_') || name === 'NODE_TEST_CONTEXT') delete environment[name];
  }
  // As if it had been started from a shell: it does not ask a login shell for another PATH.
  environment.VSCODE_CLI = '1';
  const log = [];
  let child;
  const start = async () => {
    child = spawn(nodes[release], words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => log.push(String(chunk)));
    child.stderr.on('data', (chunk) => log.push(String(chunk)));
    await eventually(`VS Code's server on port ${String(port)}`, async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${String(child.exitCode)}: ${log.join('')}`);
      return (await fetch(`http://127.0.0.1:${String(port)}/healthz`)).ok;
    }, { seconds: 60 });
  };
  await start();
  return {
    port,
    home,
    mark,
    log: () => log.join(''),
    /** The machine is gone: the server and all extension hosts, but not what made itself independent. */
    kill: async () => {
      child.kill('SIGKILL');
      await eventually('the end of the server', () => child.exitCode !== null || child.signalCode !== null);
    },
    start,
    stop: async () => {
      child.kill('SIGTERM');
      await endMarked(mark);
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}
