/** Olive: Migrate Config. Asks for the release, changes the text, and shows what is to be known of the change. */

import * as vscode from 'vscode';
import type { Information, Migration, MigrationNote } from '../protocol.ts';
import { CommandError, type Services } from '../services.ts';
import { showPage } from '../texts.ts';

type Kind = MigrationNote['kind'];

/** `uri`: of the config, from a menu; without it the active one. */
export async function migrate(services: Services, uri: unknown): Promise<void> {
  const config = uri instanceof vscode.Uri ? uri : services.configs.active?.uri;
  if (!config) {
    throw new CommandError(vscode.l10n.t('Open an Olive config (a JSON file) first.'));
  }
  const target = await chooseTarget(services);
  if (target === undefined) {
    return;
  }
  const found = await services.server.command<Migration>('olivepress.migrate', {
    uri: config.toString(),
    to: target,
    tell: false,
  });
  const notes = found.notes.filter((note) => note.kind !== 'exact');
  if (!found.applied && found.notes.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('This config needs no change for Olive {0}.', found.target));
    return;
  }
  const summary = found.applied
    ? vscode.l10n.t('Migrated from Olive {0} to {1}.', found.source, found.target)
    : vscode.l10n.t('Nothing was changed.');
  if (notes.length === 0) {
    void vscode.window.showInformationMessage(summary);
    return;
  }
  await showPage(vscode.l10n.t('Migration notes'), page(config, summary, found.notes));
}

async function chooseTarget({ server }: Services): Promise<string | undefined> {
  const { releases, newest } = await server.command<Information>('olivepress.information');
  const offered = [newest, ...releases.filter((release) => release !== newest).reverse()];
  const items = offered.map((release) => ({
    label: release,
    description: release === newest ? vscode.l10n.t('the newest release') : '',
  }));
  const placeHolder = vscode.l10n.t('Migrate the config to which release of Olive?');
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.label;
}

function page(config: vscode.Uri, summary: string, notes: readonly MigrationNote[]): string {
  const titles: Record<Kind, string> = {
    person: vscode.l10n.t('Needs a decision'),
    lossy: vscode.l10n.t('Could not be kept'),
    default: vscode.l10n.t('Written out because the default has changed'),
    exact: vscode.l10n.t('Changed without loss'),
  };
  const sections = (Object.keys(titles) as Kind[]).map((kind) => {
    const lines = notes.filter((note) => note.kind === kind).map((note) => `* \`${note.pointer || '/'}\`: ${note.message}`);
    return lines.length ? `## ${titles[kind]}\n\n${lines.join('\n')}\n` : '';
  });
  return [`# ${vscode.workspace.asRelativePath(config)}\n`, `${summary}\n`, ...sections.filter(Boolean)].join('\n');
}
