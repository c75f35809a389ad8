/** What VS Code runs in its extension host: mocha on the suite that is named in the folder's `.suite` file. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeCoverage } from 'node:v8';
import Mocha from 'mocha';
import { folder } from './kit.ts';

interface Result {
  readonly title: string;
  readonly error?: string;
}

const SUITES: Readonly<Record<string, () => Promise<unknown>>> = {
  config: () => import('./config.ts'),
  runs: () => import('./runs.ts'),
  elsewhere: () => import('./elsewhere.ts'),
  untrusted: () => import('./untrusted.ts'),
};

export async function run(): Promise<void> {
  const { suite, results } = JSON.parse(readFileSync(join(folder(), '.suite'), 'utf8')) as Record<'suite' | 'results', string>;
  const ended: Result[] = [];
  try {
    const mocha = new Mocha({ ui: 'bdd', timeout: 60_000 });
    mocha.suite.emit('pre-require', globalThis, '', mocha);
    await SUITES[suite]?.();
    await new Promise<void>((done) => {
      const runner = mocha.run(() => { done(); });
      runner.on('pass', (test) => ended.push({ title: test.fullTitle() }));
      runner.on('fail', (test, error: Error) => ended.push({ title: test.fullTitle(), error: error.stack ?? error.message }));
    });
  } catch (error) {
    ended.push({ title: `suite ${suite}`, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  takeCoverage();
  writeFileSync(`${results}.part`, JSON.stringify(ended));
  renameSync(`${results}.part`, results);
}
