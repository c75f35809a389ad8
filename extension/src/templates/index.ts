/** Configs from templates. */

import type * as vscode from 'vscode';
import { registerCommands } from '../commands/registering.ts';
import type { Services } from '../services.ts';
import { newConfig } from './newConfig.ts';

export function register(services: Services): vscode.Disposable {
  return registerCommands(services, { newConfig: (folder?: unknown) => newConfig(services, folder) });
}
