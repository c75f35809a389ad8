/** Setting the engine up. */

import type * as vscode from 'vscode';
import { registerCommands } from '../commands/registering.ts';
import type { Services } from '../services.ts';
import { setUpEngine } from './setUpEngine.ts';

export function register(services: Services): vscode.Disposable {
  return registerCommands(services, { setUpEngine: (config?: unknown) => setUpEngine(services, config) });
}
