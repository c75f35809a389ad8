// Bundles the extension into dist/extension.js, the language client, which is loaded only when a server is started, into
// dist/client.js, and each page's script (src/pages/web/*.ts; what they share lies in
// src/pages/web/lib/) into dist/web/. `--dev` keeps names and adds source maps.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const dev = process.argv.includes('--dev');
const web = new URL('src/pages/web/', import.meta.url);
const pages = existsSync(web) ? readdirSync(web).filter((name) => name.endsWith('.ts')) : [];
const shared = { bundle: true, minify: !dev, sourcemap: dev ? 'linked' : false, legalComments: 'none', logLevel: 'warning' };

rmSync(new URL('dist', import.meta.url), { recursive: true, force: true });
/** `import('./client.ts')` of the one file stays a `require` of the other. */
const clientApart = {
  name: 'client apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/client\.ts$/ }, ({ kind }) => (kind === 'dynamic-import' ? { path: './client.js', external: true } : null));
  },
};
/**
 * Each `import * as vscode` would copy the editor's whole interface, hundreds of properties, at the start. So all share
 * one module that takes out the names that stand in the sources.
 */
const editorOnce = {
  name: 'editor once',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^vscode$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'vscode', namespace: 'editor' } : { path: 'vscode', external: true },
    );
    onLoad({ filter: /.*/, namespace: 'editor' }, () => ({
      contents: `export const { ${[...namesOf('vscode')].join(', ')} } = require('vscode');`,
      resolveDir: import.meta.dirname,
    }));
  },
};

function namesOf(module) {
  const sources = readdirSync(new URL('src', import.meta.url), { recursive: true }).filter((name) => name.endsWith('.ts'));
  const texts = sources.map((name) => readFileSync(new URL(`src/${name}`, import.meta.url), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(new RegExp(`\\b${module}\\.(\\w+)`, 'g'))].map(([, name]) => name)));
}

const extension = await build({
  ...shared,
  entryPoints: { extension: 'src/extension.ts', client: 'src/server/client.ts' },
  outdir: 'dist',
  platform: 'node',
  target: 'node18',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  plugins: [clientApart, editorOnce],
  metafile: true,
});
const scripts = await build({
  ...shared,
  entryPoints: pages.map((name) => `src/pages/web/${name}`),
  outdir: 'dist/web',
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  metafile: true,
});

// Whose licences the extension has to name.
const inputs = [extension, scripts].flatMap((result) => Object.keys(result.metafile.inputs));
const folders = inputs.flatMap((name) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name) ?? []);
writeFileSync(new URL('dist/third-party.json', import.meta.url), JSON.stringify([...new Set(folders)].sort()));
