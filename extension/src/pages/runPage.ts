/** The run page: follows one run of the store and does what its buttons ask for. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { CommandError, type Services } from '../services.ts';
import type { RunView } from '../runs/view.ts';
import { baseName } from './format.ts';
import { lineText } from './logText.ts';
import type { Page, PageHandler, PageKind } from './panel.ts';
import { copy, openAt, openFolder, openPass, shownPath } from './places.ts';
import { runPageState } from './runPageState.ts';
import { difference, type RunPageState } from './runState.ts';

export interface RunSubject {
  readonly run: string;
  /** Its config's name, for the title before the run is known. */
  readonly name: string;
}

interface Request {
  readonly type: string;
  readonly action?: string;
  readonly path?: string;
  readonly name?: string;
  readonly text?: string;
}

export function runPages(services: Services, tryModel: (folder: string, run: string) => void): PageKind<RunSubject> {
  return {
    type: 'olivepress.run',
    script: 'run',
    title: ({ name }) => vscode.l10n.t('Run: {0}', name),
    key: ({ run }) => run,
    restore: (kept) => {
      const { run, name } = (kept ?? {}) as { run?: unknown; name?: unknown };
      return typeof run === 'string' && typeof name === 'string' ? { run, name } : undefined;
    },
    start: (page, subject) => start(services, page, subject.run, tryModel),
  };
}

function start(
  services: Services, page: Page, id: string, tryModel: (folder: string, run: string) => void,
): PageHandler {
  const { runs } = services;
  let sent: RunPageState | undefined;
  let stopping = false;

  function update(): void {
    if (!page.live) return;
    const run = runs.get(id);
    if (run === undefined) return;
    if (run.final) stopping = false;
    const state = runPageState(run, { stopping, place: shownPath(run.config), line: lineText });
    const now = Date.now();
    if (sent === undefined) {
      page.post({ type: 'state', state, now });
    } else {
      const patch = difference(sent, state);
      if (patch !== undefined) page.post({ type: 'patch', patch, now });
    }
    sent = state;
  }

  async function fetch(): Promise<void> {
    try {
      await runs.complete(id);
      update();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      services.log.warn(`run ${id}: ${why}`);
      // A server that does not answer is no proof that the run is gone: what is known stays.
      if (runs.get(id) === undefined) page.post({ type: 'gone', why: runs.loaded ? null : why });
    }
  }

  page.disposables.push(runs.onDidChange(({ ids }) => {
    if (!ids.includes(id)) return;
    if (runs.get(id) === undefined) page.post({ type: 'gone', why: null });
    else update();
  }));

  return {
    ready() {
      sent = undefined;
      update();
      void fetch();
    },
    async message(message: Request) {
      if (message.type !== 'do') return;
      if (message.action === 'copyText') {
        await copy(message.text ?? '');
        return;
      }
      const run = runs.get(id);
      if (run === undefined) throw new CommandError(vscode.l10n.t('This run no longer exists.'));
      if (message.action === 'cancel') {
        stopping = true;
        update();
      }
      await act(run, message, tryModel);
    },
  };
}

async function act(run: RunView, request: Request, tryModel: (folder: string, run: string) => void): Promise<void> {
  const command = (name: string, ...args: unknown[]): Thenable<unknown> =>
    vscode.commands.executeCommand(`olivepress.${name}`, ...args);
  switch (request.action ?? '') {
    case 'cancel': await command('cancelRun', run.id); break;
    case 'resume': await command('resumeRun', run.id); break;
    case 'again': await command('runOptimization', vscode.Uri.file(run.config)); break;
    case 'log': await command('showRunLog', run.id); break;
    case 'config': await openAt(run.config); break;
    case 'error': await command('revealError', run.id); break;
    case 'pass': await openPass(run.config, request.name ?? ''); break;
    case 'copyPath': await copy(request.path ?? ''); break;
    case 'try': tryModel(request.path ?? modelOf(run) ?? '', run.id); break;
    case 'open': await openArtifact(request.path ?? run.outputDir ?? ''); break;
    default:
  }
}

/** The folder of the model that a run built. Its events may not have been read: then where such a run puts it. */
export function modelOf(run: RunView): string | undefined {
  const told = run.artifacts.find(({ kind }) => kind === 'model')?.path;
  if (told !== undefined || run.complete || run.state !== 'succeeded' || run.outputDir === null) return told;
  return run.passes.some(({ type }) => type === 'ModelBuilder') ? path.join(run.outputDir, 'model') : undefined;
}

async function openArtifact(path: string): Promise<void> {
  if (baseName(path).endsWith('.json')) await openAt(path);
  else await openFolder(path);
}
