/** A window on a folder with a config that runs: what the extension knows of a run, from its start to its artifacts. */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { RunView } from '../../../extension/src/runs/view.ts';
import { eventually, file, open, services } from './kit.ts';

const states = (run: RunView) => run.passes.map((pass) => `${pass.name} ${pass.state}`);

async function started(): Promise<string> {
  const { server } = await services();
  const { run_id: id } = await server.command<{ run_id: string }>('olivepress.run', { uri: file('olive-config.json').toString() });
  return id;
}

describe('a run', function () {
  this.timeout(150_000);
  let first = '';

  it('is followed from its start to its artifacts', async () => {
    await open('olive-config.json');
    const { runs } = await services();
    const seen = new Set<string>();
    const listening = runs.onDidChange(() => {
      for (const run of runs.all) for (const pass of run.passes) seen.add(`${pass.name} ${pass.state}`);
    });
    first = await started();
    const run = await eventually('its end', () => {
      const found = runs.get(first);
      return found?.final === true && found;
    }, 120);
    listening.dispose();
    equal(run.state, 'succeeded', JSON.stringify(run.error));
    ok(seen.has('lora running'), [...seen].join());
    const whole = await runs.complete(first);
    deepEqual(states(whole), ['lora done', 'merge done', 'int4 done']);
    equal(whole.passes[0]?.series['loss']?.length, 8);
    ok(whole.log.length > 0);
    ok(whole.outputDir !== null && existsSync(whole.outputDir));
    ok(whole.artifacts.length > 0);
    for (const { path } of whole.artifacts) ok(existsSync(path), path);
  });

  it('the same again comes from the cache', async () => {
    const { runs } = await services();
    const id = await started();
    await eventually('its end', () => runs.get(id)?.final === true, 120);
    deepEqual(states(await runs.complete(id)).slice(0, 1), ['lora cached']);
    deepEqual(runs.all.map((run) => run.id), [id, first]);
  });

  it('is there again, complete, after the server was restarted', async () => {
    const { runs, server } = await services();
    await server.restart();
    await eventually('running', () => server.state === 'running');
    const run = await eventually('the run', () => runs.get(first)?.final === true && runs.get(first));
    equal((await runs.complete(run.id)).passes[0]?.series['loss']?.length, 8);
  });

  it('a long one is cancelled when asked', async () => {
    const { runs, server } = await services();
    const editor = await open('olive-config.json');
    const text = editor.document.getText();
    await editor.edit((edit) => {
      edit.replace(new vscode.Range(0, 0, editor.document.lineCount, 0), text.replace('"max_steps": 8', '"max_steps": 200000'));
    });
    const id = await started();
    await eventually('its first loss', () => (runs.get(id)?.series['loss']?.length ?? 0) > 0, 120);
    await server.command('olivepress.cancel', { run_id: id });
    const ended = await eventually('its end', () => runs.get(id)?.final === true && runs.get(id), 60);
    equal(ended.state, 'cancelled');
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
});
