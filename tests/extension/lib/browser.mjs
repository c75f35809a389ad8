// One Chromium for all tests of a call; each test gets a context of its own.
import { browserProgram, load } from './paths.mjs';

const { chromium } = load('playwright-core');

const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync', '--disable-dev-shm-usage'],
  ...['--disable-background-networking', '--disable-component-update'],
];

/** Started by run.mjs, which tells its address to the test files in OLIVEPRESS_TEST_BROWSER. */
export function launchBrowser() {
  return chromium.launchServer({ executablePath: browserProgram, args: ARGUMENTS });
}

let connected;

export async function connectBrowser() {
  const address = process.env.OLIVEPRESS_TEST_BROWSER;
  connected ??= address === undefined ? chromium.launch({ executablePath: browserProgram, args: ARGUMENTS }) : chromium.connect(address);
  return connected;
}

export async function disconnectBrowser() {
  await (await connected)?.close();
  connected = undefined;
}
