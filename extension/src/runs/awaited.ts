/** The runs whose end the user is told of: those that were started or resumed here, over reloads of the window too. */

import * as vscode from 'vscode';

const KEPT = 'olivepress.awaitedRuns';
const MOST = 50;

export interface Awaited {
  readonly all: readonly string[];
  readonly onDidAdd: vscode.Event<void>;
  readonly add: (id: string) => void;
  /** Its end was told. */
  readonly remove: (id: string) => void;
}

export function makeAwaited(context: vscode.ExtensionContext): Awaited {
  let all: readonly string[] = context.workspaceState.get<readonly string[]>(KEPT, []);
  const added = new vscode.EventEmitter<void>();
  context.subscriptions.push(added);
  const keep = (next: readonly string[]): void => {
    all = next;
    void context.workspaceState.update(KEPT, next);
  };
  return {
    get all() {
      return all;
    },
    onDidAdd: added.event,
    add(id) {
      keep([...all.filter((one) => one !== id), id].slice(-MOST));
      added.fire();
    },
    remove(id) {
      if (all.includes(id)) {
        keep(all.filter((one) => one !== id));
      }
    },
  };
}
