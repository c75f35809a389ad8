/** A window on a folder without any such config. */

import { equal, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension, open } from './kit.ts';

describe('a folder without such a config', () => {
  it('does not load the extension, unless VS Code itself opens JSON there', () => {
    const theirs = vscode.extensions.getExtension('vscode.json-language-features');
    ok(theirs);
    ok(theirs.isActive || !extension().isActive);
  });

  it('other JSON starts no server', async () => {
    await open('package.json');
    const { server } = await extension().activate();
    await vscode.commands.executeCommand('workbench.action.files.revert');
    equal(server.state, 'stopped');
  });
});
