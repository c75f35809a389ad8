/** What an entry of a run's log says, in the user's language. What the engine says is as it says it. */

import { l10n } from 'vscode';
import type { LogEntry } from '../runs/view.ts';

export function lineText({ kind, message }: LogEntry): string {
  switch (kind) {
    case 'log': return message;
    case 'run_started': return message === '' ? l10n.t('Run started.') : l10n.t('Run resumed: attempt {0}.', message);
    case 'pass_started': return message === 'cached' ? l10n.t('Taken from the cache.') : l10n.t('Started.');
    case 'pass_finished': return l10n.t('Done.');
    case 'artifact': return l10n.t('Written: {0}', message);
    case 'run_finished': return finished(message);
  }
}

function finished(message: string): string {
  if (message === 'succeeded') return l10n.t('Run succeeded.');
  if (message === 'cancelled') return l10n.t('Run cancelled.');
  return l10n.t('Run failed: {0}', message);
}
