/** The compare page: two runs of the store, and the configs as they were run. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { comparedRun } from './compareState.ts';
import { configChanges, parseConfig } from './configDiff.ts';
import type { ConfigChange } from './pageStates.ts';
import type { Page, PageHandler, PageKind } from './panel.ts';
import { shownPath } from './places.ts';

export interface CompareSubject {
  readonly runs: readonly [string, string];
}

export function comparePages(services: Services): PageKind<CompareSubject> {
  return {
    type: 'olivepress.compare',
    script: 'compare',
    title: () => vscode.l10n.t('Compare Runs'),
    key: ({ runs }) => runs.join(' '),
    restore: (kept) => {
      const { runs } = (kept ?? {}) as { runs?: unknown };
      if (!Array.isArray(runs)) return undefined;
      const [one, other] = runs as unknown[];
      return typeof one === 'string' && typeof other === 'string' ? { runs: [one, other] } : undefined;
    },
    start: (page, { runs }) => start(services, page, runs),
  };
}

function start(services: Services, page: Page, ids: readonly [string, string]): PageHandler {
  let changes: readonly ConfigChange[] | null = null;
  let folders = '';

  async function update(): Promise<void> {
    const [one, other] = ids.map((id) => services.runs.get(id));
    if (one === undefined || other === undefined || !page.live) return;
    if (folders !== `${one.folder}\n${other.folder}`) {
      folders = `${one.folder}\n${other.folder}`;
      const [first, second] = await Promise.all([configOf(one.folder), configOf(other.folder)]);
      changes = first === undefined || second === undefined ? null : configChanges(first, second);
    }
    page.post({
      type: 'state',
      state: { runs: [comparedRun(one, shownPath(one.config)), comparedRun(other, shownPath(other.config))], changes },
    });
  }

  page.disposables.push(services.runs.onDidChange(({ ids: changed }) => {
    if (changed.some((id) => ids.includes(id))) void update();
  }));

  return {
    async ready() {
      await update();
      await Promise.all(ids.map((id) => services.runs.complete(id)));
      await update();
    },
    message: async (message: { readonly type: string; readonly action?: string; readonly id?: string }) => {
      if (message.action === 'openRun') await vscode.commands.executeCommand('olivepress.openRun', message.id);
    },
  };
}

/** The config as it was run; undefined where it cannot be read. */
async function configOf(folder: string): Promise<unknown> {
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(path.join(folder, 'config.json')));
    return parseConfig(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
