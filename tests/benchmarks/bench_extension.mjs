// bench_extension.mjs [--repetitions N]: the packed extension in a real VS Code. Writes JSON to stdout.
//
// Own time: reading and running its bundle, and its `activate`, both on the thread of the extension host; what VS Code
// does in between, beside and for other extensions is not in it. First findings: seconds from the address of a window to
// the first squiggle of each of the two, ours and the built-in JSON support's, in that same window, the browser's and
// VS Code's own start included. Each repetition is a server of its own. Needs `make vsix` and build/editor.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectBrowser, disconnectBrowser } from '../extension/lib/browser.mjs';
import { installExtension, startServer } from '../extension/lib/codeServer.mjs';
import { scratch, vsix } from '../extension/lib/paths.mjs';
import { makeFolder } from '../extension/lib/projects.mjs';

const { values } = parseArgs({ options: { repetitions: { type: 'string', default: '3' } } });

/** One mistake that the JSON support reports, as an error, and one thing that only we see, as information. */
const CONFIG = `{
    "input_model": { "type": "HfModel", "model_path": "m" },
    "passes": {
        "tune": { "type": "LoRA", "train_data_config": "train" },
        "build": { "type": "ModelBuilder", "precision": "int4" },
    },
    "data_configs": [
        {
            "name": "train",
            "type": "HuggingfaceContainer",
            "load_dataset_config": { "data_name": "x", "split": "train" }
        }
    ]
}
`;
const OTHER = '{ "name": "left-pad", "version": "1.0.0" }\n';

/** Wraps the bundle so that it notes its own times in `file`. */
function timed(extensions, file) {
  const folder = readdirSync(extensions).find((name) => name.startsWith('olivepress'));
  const bundle = join(extensions, folder, 'dist/extension.js');
  const note = `require('node:fs').appendFileSync(${JSON.stringify(file)}, JSON.stringify`;
  writeFileSync(
    bundle,
    `const beganAt = performance.now();\n${readFileSync(bundle, 'utf8')}\n;{
  const { activate } = module.exports, load = performance.now() - beganAt;
  module.exports = { ...module.exports, activate(context) {
    const began = performance.now(), result = activate(context);
    ${note}({ load, activate: performance.now() - began }) + '\\n');
    return result;
  } };
}`,
  );
}

/** {load, activate, json, ours} of one window; milliseconds and seconds. */
async function measure(browser, extensions, file, folder, name) {
  appendFileSync(file, '');
  const before = readFileSync(file, 'utf8').length;
  const server = await startServer({ extensions });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const address = new URL(`http://127.0.0.1:${String(server.port)}/`);
    address.searchParams.set('folder', folder);
    const uri = `vscode-remote://127.0.0.1:${String(server.port)}${join(folder, name)}`;
    address.searchParams.set('payload', JSON.stringify([['openFile', uri]]));
    const began = performance.now();
    const first = async (severity) => {
      await page.locator(`.monaco-editor .squiggly-${severity}`).first().waitFor({ state: 'attached', timeout: 120_000 });
      return (performance.now() - began) / 1000;
    };
    await page.goto(String(address), { timeout: 120_000 });
    const [json, ours] = name === 'package.json' ? [] : await Promise.all([first('error'), first('info')]);
    while (readFileSync(file, 'utf8').length === before) await new Promise((done) => setTimeout(done, 50));
    return { ...JSON.parse(readFileSync(file, 'utf8').slice(before)), json, ours };
  } finally {
    await context.close();
    await server.stop();
  }
}

function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

mkdirSync(scratch, { recursive: true });
const own = mkdtempSync(join(scratch, 'bench-'));
const extensions = join(own, 'extensions');
const times = join(own, 'times');
installExtension('newest', vsix(), extensions);
timed(extensions, times);
const folder = makeFolder({ 'olive-config.json': CONFIG, 'package.json': OTHER });
const browser = await connectBrowser();
const found = { 'olive-config.json': [], 'package.json': [] };
for (let number = 0; number < Number(values.repetitions); number++) {
  for (const name of Object.keys(found)) found[name].push(await measure(browser, extensions, times, folder, name));
}
await disconnectBrowser();
rmSync(own, { recursive: true, force: true });
rmSync(folder, { recursive: true, force: true });
const rows = Object.entries(found).map(([name, measured]) => ({
  window: name === 'package.json' ? 'with other JSON' : 'with a config',
  own_load_ms: median(measured.map((one) => one.load)),
  own_activate_ms: median(measured.map((one) => one.activate)),
  ...(name === 'package.json'
    ? {}
    : {
        json_first_finding_seconds: median(measured.map((one) => one.json)),
        our_first_finding_seconds: median(measured.map((one) => one.ours)),
      }),
  vsix_mb: statSync(vsix()).size / 1e6,
}));
console.log(JSON.stringify(rows, undefined, 1));
