/** What to try when an installation failed. */

import * as vscode from 'vscode';
import type { EngineReport } from '../protocol.ts';
import type { Trouble } from './pip.ts';

/** `isNew`: it was to be a new environment. */
export function adviceFor(trouble: Trouble, { python }: EngineReport, isNew: boolean): string {
  switch (trouble) {
    case 'no-room':
      return vscode.l10n.t('The disk is full. The engine needs about 3 GB, with CUDA about 9 GB. Free some space and try again.');
    case 'no-network':
      return vscode.l10n.t(
        'The package index cannot be reached. Behind a proxy, set HTTPS_PROXY; for a mirror, set olivepress.pipArguments.',
      );
    case 'no-package':
      return vscode.l10n.t(
        'A package is not available for Python {0} on this system. Use Python 3.10 to 3.13.',
        python.version,
      );
    case 'managed':
      return vscode.l10n.t('This Python is managed by the operating system. Use a new virtual environment.');
    case 'not-allowed':
      return isNew
        ? vscode.l10n.t('The folder cannot be written to. Open a folder that can, or select another interpreter.')
        : vscode.l10n.t('The folder cannot be written to. Use a new virtual environment.');
    case 'no-venv':
      return vscode.l10n.t(
        'This Python lacks venv or pip. On Debian and Ubuntu: sudo apt install python3-venv; or select another interpreter.',
      );
    case 'conflict':
      return isNew
        ? vscode.l10n.t('The package index has no versions that fit together. To use another index, set olivepress.pipArguments.')
        : vscode.l10n.t('The packages installed there conflict with the engine. Use a new virtual environment.');
    case 'unknown':
      return vscode.l10n.t("The end of pip's output says why.");
  }
}
