/** A window on a folder without any such config. */

import { equal } from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension, open } from './kit.ts';

describe('a folder without such a config', () => {
  it('does not even load the extension', () => {
    equal(extension().isActive, false);
  });

  it('other JSON starts no server', async () => {
    await open('package.json');
    const { server } = await extension().activate();
    await vscode.commands.executeCommand('workbench.action.files.revert');
    equal(server.state, 'stopped');
  });
});
