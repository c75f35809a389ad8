/** A window on a folder that is not trusted, with a broken config whose user_script would leave a trace. */

import { equal, match, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { code, eventually, file, findings, open, services } from './kit.ts';

describe('a folder that is not trusted', () => {
  it('has editing help', async () => {
    equal(vscode.workspace.isTrusted, false);
    const { document } = await open('olive-config.json');
    const { server } = await services();
    await eventually('the server', () => server.state === 'running');
    ok((await findings(document.uri, (found) => found.some((one) => code(one) === 'unknown-name'))).length > 0);
  });

  it('runs and plans nothing, and says why', async () => {
    const { server } = await services();
    for (const command of ['olivepress.run', 'olivepress.plan']) {
      const error: unknown = await server
        .command(command, { uri: file('olive-config.json').toString(), trustUserScript: true })
        .catch((reason: unknown) => reason);
      ok(error instanceof Error, `${command} was not refused`);
      match(error.message, /not trusted/);
    }
    equal(existsSync(file('canary.txt').fsPath), false);
    equal(existsSync(file('.olivepress').fsPath), false);
  });

  it('its settings choose no program', async () => {
    const interpreter = await (await services()).interpreters.current();
    ok(interpreter);
    ok(!interpreter.path.includes('canary'), interpreter.path);
    equal(existsSync(file('canary.txt').fsPath), false);
  });
});
