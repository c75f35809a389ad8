/** The runs that this window knows of, those of the whole host: what the server tells, and what was missed. */

import * as vscode from 'vscode';
import type { RunChanged, RunEvents, RunRemoved } from '../protocol.ts';
import type { Server } from '../services.ts';
import { makeBook } from './book.ts';
import type { RunView } from './model.ts';

export type { LogEntry, PassProgress, PassState, PassView, RunView } from './model.ts';

/** A run in here is the same object as long as it is known; it shows what is known of it now. */
export interface RunStore {
  /** Newest first. */
  readonly all: readonly RunView[];
  get(id: string): RunView | undefined;
  /** At most ten times a second. `ids` may name runs that are gone. */
  readonly onDidChange: vscode.Event<RunChange>;
  /** All events up to now are there. Rejects where there is no such run, or no server. */
  complete(id: string): Promise<RunView>;
  /** Asks the server for all runs; starts it if need be. */
  refresh(): Promise<void>;
  /** What the server has answered to a refresh at least once. */
  readonly loaded: boolean;
}

export interface RunChange {
  readonly ids: readonly string[];
}

const CALM = 100;

export function makeRunStore(
  _context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  server: Server,
): RunStore & { readonly dispose: () => void } {
  const changed = new vscode.EventEmitter<RunChange>();
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let loaded = false;

  const tell = (): void => {
    timer = undefined;
    const ids = [...waiting];
    waiting.clear();
    changed.fire({ ids });
  };
  const book = makeBook({
    ask: (command, argument) => server.command(command, argument),
    changed(ids) {
      for (const id of ids) {
        waiting.add(id);
      }
      timer ??= setTimeout(tell, CALM);
    },
    failed(what, error) {
      log.warn(`Runs: ${what}: ${error instanceof Error ? error.message : String(error)}`);
    },
  });
  const refresh = async (): Promise<void> => {
    await book.refresh();
    loaded = true;
  };
  const stateChanged = (): void => {
    if (server.state === 'running') {
      refresh().catch((error: unknown) => {
        log.warn(`Runs: ${String(error)}`);
      });
    } else {
      book.disconnected();
    }
  };
  const subscriptions = [
    changed,
    server.onNotification<RunEvents>('olivepress/runEvents', book.takeEvents),
    server.onNotification<RunChanged>('olivepress/runState', book.takeState),
    server.onNotification<RunRemoved>('olivepress/runRemoved', book.takeRemoved),
    server.provideAtStart('runs', () => book.seen()),
    server.provideAtStart('allRuns', () => true),
    server.onDidChangeState(stateChanged),
  ];
  return {
    get all() {
      return book.all;
    },
    get: (id) => book.get(id),
    onDidChange: changed.event,
    complete: (id) => book.complete(id),
    refresh,
    get loaded() {
      return loaded;
    },
    dispose() {
      clearTimeout(timer);
      vscode.Disposable.from(...subscriptions).dispose();
    },
  };
}
