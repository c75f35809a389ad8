// A test with a window: a server with the packed extension (one for a whole file, or one of the test's own), a folder, the
// workbench. When it fails, a picture and what the server said are kept; whatever happened, its processes are ended.
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connectBrowser, disconnectBrowser } from './browser.mjs';
import { startServer } from './codeServer.mjs';
import { lineTo } from './line.mjs';
import { makeFolder } from './projects.mjs';
import { end, marked } from './processes.mjs';
import { openWorkbench } from './workbench.mjs';

const shared = new Map();

function sharedServer(options) {
  const key = JSON.stringify(options);
  if (!shared.has(key)) shared.set(key, startServer({ extensions: process.env.OLIVEPRESS_TEST_EXTENSIONS, ...options }));
  return shared.get(key);
}

after(async () => {
  for (const starting of shared.values()) await (await starting).stop();
  await disconnectBrowser();
});

/**
 * project: {file name: content}; open: the file that is opened; server: options of startServer, servers of equal options are
 * one; own: true for a server of this test's own; line: true for a line to it that can be cut. The body gets {ui, folder,
 * server, line, openWindow}.
 */
export function editorTest(name, { project, open, server: options = {}, own = false, line: lined = false, timeout = 400_000, viewport }, body) {
  test(name, { timeout }, async () => {
    const browser = await connectBrowser();
    const server = own ? await startServer({ extensions: process.env.OLIVEPRESS_TEST_EXTENSIONS, ...options }) : await sharedServer(options);
    const before = new Set(marked(server.mark).map(({ pid }) => pid));
    const folder = makeFolder(typeof project === 'function' ? project() : project);
    const line = lined ? await lineTo(server.port) : undefined;
    const windows = [];
    const openWindow = async (more = {}) => {
      const window = await openWorkbench(browser, { port: (line ?? server).port, folder, file: open, viewport, ...more });
      windows.push(window);
      return window;
    };
    try {
      const ui = await openWindow();
      await body({ ui, folder, server, line, openWindow });
    } catch (error) {
      for (const [number, window] of windows.entries()) {
        await window.screenshot(`failed/${name.replaceAll(/\W+/g, '-').slice(0, 80)}-${String(number)}`).catch(() => undefined);
        console.error(`console of the window:\n${window.errors.filter((line) => !/404|github|watchdog/.test(line)).slice(-8).join('\n').slice(0, 4000)}`);
      }
      console.error(`the extension's log:\n${extensionLog(server).slice(-6000)}`);
      console.error(`the server said:\n${server.log().split('\n').filter((line) => !/vsda|^\s*$/.test(line)).slice(-8).join('\n')}`);
      throw error;
    } finally {
      for (const window of windows) await window.close().catch(() => undefined);
      line?.close();
      if (own) await server.stop();
      else end(marked(server.mark).filter(({ pid }) => !before.has(pid)));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

/** What "Olive: Show Logs" would show, of the newest window. */
function extensionLog(server) {
  const logs = join(server.home, 'data/logs');
  const files = existsSync(logs) ? readdirSync(logs, { recursive: true }).filter((name) => name.endsWith('Olive Press.log')) : [];
  const [newest] = files.map((name) => join(logs, name)).sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  return newest === undefined ? '(none)' : readFileSync(newest, 'utf8');
}
