/** The commands about the server and about the text of a config. Those of runs are registered where runs are. */

import type * as vscode from 'vscode';
import { selectInterpreter } from '../python/selecting.ts';
import type { Services } from '../services.ts';
import { debugInformation } from './debugInformation.ts';
import { fixAll } from './fixAll.ts';
import { migrate } from './migrate.ts';
import { showReferences } from './references.ts';
import { registerCommands } from './registering.ts';

export function register(services: Services): vscode.Disposable {
  return registerCommands(services, {
    debugInformation: () => debugInformation(services),
    fixAll: () => fixAll(services),
    migrate: (uri?: unknown) => migrate(services, uri),
    references: showReferences,
    restartServer: () => services.server.restart(),
    selectInterpreter: () => selectInterpreter(services),
    showLogs: () => { services.log.show(); },
  });
}
