/** The table of contents: what there is, in the order in which it is set up. Nothing else. */

import * as vscode from 'vscode';
import { register as commands } from './commands/index.ts';
import { makeConfigs } from './configs.ts';
import { register as contextKeys } from './contextKeys.ts';
import { register as gpu } from './gpu/index.ts';
import { register as instead } from './json/instead.ts';
import { register as jsonSupport } from './json/schemas.ts';
import { register as pages } from './pages/index.ts';
import { makeInterpreters } from './python/interpreters.ts';
import { register as runFeatures } from './runs/index.ts';
import { makeRunStore } from './runs/store.ts';
import { makeServer } from './server/server.ts';
import { register as startServer } from './server/starting.ts';
import type { Services } from './services.ts';
import { register as setup } from './setup/index.ts';
import { register as templates } from './templates/index.ts';
import { register as texts } from './texts.ts';

const FEATURES: readonly (readonly [name: string, register: (services: Services) => vscode.Disposable])[] = [
  ['JSON support', jsonSupport],
  ['context keys', contextKeys],
  ['instead of JSON support', instead],
  ['texts', texts],
  ['commands', commands],
  ['runs', runFeatures],
  ['pages', pages],
  ['setup', setup],
  ['GPU', gpu],
  ['templates', templates],
  ['starting the server', startServer],
];

let running: Services | undefined;

export function activate(context: vscode.ExtensionContext): Services {
  const log = vscode.window.createOutputChannel('Olive Press', { log: true });
  const configs = makeConfigs();
  const interpreters = makeInterpreters(log);
  const server = makeServer(context, log, interpreters, configs);
  const runs = makeRunStore(context, log, server);
  const services: Services = { context, log, server, interpreters, configs, runs };
  context.subscriptions.push(log, configs, interpreters, server, runs);
  for (const [name, register] of FEATURES) {
    try {
      context.subscriptions.push(register(services));
    } catch (error) {
      log.error(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  running = services;
  return services;
}

export async function deactivate(): Promise<void> {
  await running?.server.stop();
}
