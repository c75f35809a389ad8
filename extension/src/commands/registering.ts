/** Registering commands: whatever they throw is told, a refusal in its own words, anything else in the log too. */

import * as vscode from 'vscode';
import { CommandError, type Services } from '../services.ts';

/** Names without `olivepress.`. */
export function registerCommands(
  services: Pick<Services, 'log'>,
  commands: Readonly<Record<string, (...args: never[]) => unknown>>,
): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`olivepress.${name}`, (...args: never[]) =>
        told(services, name, () => run(...args)),
      ),
    ),
  );
}

async function told(services: Pick<Services, 'log'>, name: string, run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof CommandError)) {
      services.log.error(`${name}: ${error instanceof Error ? (error.stack ?? message) : message}`);
    }
    void vscode.window.showErrorMessage(message);
    return undefined;
  }
}
