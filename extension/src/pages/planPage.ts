/** The plan page: asks the server what a run of a config would do, and again when asked to. */

import * as vscode from 'vscode';
import type { Plan } from '../protocol.ts';
import { CommandError, type Services } from '../services.ts';
import { engineWouldHelp } from './engineCodes.ts';
import { baseName } from './format.ts';
import type { PlanState } from './pageStates.ts';
import type { Page, PageHandler, PageKind } from './panel.ts';
import { openAt, openPass, shownPath } from './places.ts';

export interface PlanSubject {
  /** The config, as a uri. */
  readonly uri: string;
}

interface Request {
  readonly type: string;
  readonly action?: string;
  readonly name?: string;
  readonly line?: number;
  readonly column?: number;
}

/** `passes`: the pass that was asked about, by uri. */
export function planPages(services: Services, passes: ReadonlyMap<string, string>): PageKind<PlanSubject> {
  return {
    type: 'olivepress.plan',
    script: 'plan',
    title: ({ uri }) => vscode.l10n.t('Plan: {0}', baseName(vscode.Uri.parse(uri).fsPath)),
    key: ({ uri }) => uri,
    restore: (kept) => {
      const { uri } = (kept ?? {}) as { uri?: unknown };
      return typeof uri === 'string' ? { uri } : undefined;
    },
    start: (page, { uri }) => start(services, page, vscode.Uri.parse(uri), passes),
  };
}

function start(services: Services, page: Page, uri: vscode.Uri, passes: ReadonlyMap<string, string>): PageHandler {
  let state: PlanState = {
    config: uri.fsPath, place: shownPath(uri.fsPath), loading: false, plan: null, error: null, needsEngine: false,
    outdated: false, pass: null,
  };
  /** Answers to earlier questions are not shown. */
  let asked = 0;

  function set(change: Partial<PlanState>): void {
    state = { ...state, ...change };
    if (page.live) page.post({ type: 'state', state });
  }

  async function ask(): Promise<void> {
    asked += 1;
    const mine = asked;
    set({ loading: true, error: null, needsEngine: false, outdated: false, pass: passes.get(uri.toString()) ?? null });
    let change: Partial<PlanState>;
    try {
      change = { plan: await services.server.command<Plan>('olivepress.plan', { uri: uri.toString() }) };
    } catch (error) {
      if (!(error instanceof CommandError)) services.log.error(`plan: ${String(error)}`);
      const code = error instanceof CommandError ? error.data.code : undefined;
      const message = error instanceof Error ? error.message : String(error);
      change = { plan: null, error: message, needsEngine: engineWouldHelp(code) };
    }
    if (mine === asked) set({ ...change, loading: false });
  }

  page.disposables.push(vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length > 0 && document.uri.toString() === uri.toString() && !state.outdated) {
      set({ outdated: state.plan !== null });
    }
  }));

  return {
    ready() {
      if (asked === 0) void ask();
      else set({});
    },
    again() {
      void ask();
    },
    async message({ type, action, name = '', line, column }: Request) {
      if (type !== 'do') return;
      const command = (id: string, ...args: unknown[]): Thenable<unknown> =>
        vscode.commands.executeCommand(`olivepress.${id}`, ...args);
      switch (action ?? '') {
        case 'run': await command('runOptimization', uri); break;
        case 'runFrom': await command('runFromPass', uri, name); break;
        case 'runUpTo': await command('runUpToPass', uri, name); break;
        case 'setUp': await command('setUpEngine', uri); break;
        case 'refresh': await ask(); break;
        case 'config': await openAt(uri.fsPath); break;
        case 'pass': await openPass(uri.fsPath, name); break;
        case 'line': await openAt(uri.fsPath, line, column); break;
        default:
      }
    },
  };
}
