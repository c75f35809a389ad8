/** Setting the engine up. */

import * as vscode from 'vscode';
import { registerCommands } from '../commands/registering.ts';
import type { Services } from '../services.ts';
import { endAll } from './processes.ts';
import { setUpEngine } from './setUpEngine.ts';

export function register(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommands(services, { setUpEngine: (config?: unknown) => setUpEngine(services, config) }),
    { dispose: endAll },
  );
}
