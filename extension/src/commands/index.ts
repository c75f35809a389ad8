/** The commands about the server and about the text of a config. Those of runs are registered where runs are. */

import * as vscode from 'vscode';
import { selectInterpreter } from '../python/selecting.ts';
import { CommandError, type Services } from '../services.ts';
import { debugInformation } from './debugInformation.ts';
import { fixAll } from './fixAll.ts';
import { migrate } from './migrate.ts';
import { showReferences } from './references.ts';

export function register(services: Services): vscode.Disposable {
  const commands: Record<string, (...args: never[]) => unknown> = {
    debugInformation: () => debugInformation(services),
    fixAll: () => fixAll(services),
    migrate: (uri?: unknown) => migrate(services, uri),
    references: showReferences,
    restartServer: () => services.server.restart(),
    selectInterpreter: () => selectInterpreter(services),
    showLogs: () => { services.log.show(); },
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`olivepress.${name}`, (...args: never[]) => told(services, name, () => run(...args))),
    ),
  );
}

/** What a command refuses is told to the user; what nobody foresaw goes into the log as well. */
async function told(services: Services, name: string, run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof CommandError)) {
      services.log.error(`${name}: ${error instanceof Error ? (error.stack ?? message) : message}`);
    }
    void vscode.window.showErrorMessage(message);
  }
}
