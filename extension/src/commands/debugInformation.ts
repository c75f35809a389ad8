/** Olive: Debug Information. What a report of a defect should say; no text of any document, no environment variable. */

import * as os from 'node:os';
import * as vscode from 'vscode';
import type { Information } from '../protocol.ts';
import type { Services } from '../services.ts';
import { withoutSecrets } from '../setup/pip.ts';
import { showText } from '../texts.ts';

export async function debugInformation(services: Services): Promise<void> {
  const { context, interpreters, server, log } = services;
  const interpreter = await interpreters.current();
  const settings = vscode.workspace.getConfiguration('olivepress');
  const manifest = context.extension.packageJSON as { version: string; contributes: Contributes };
  const names = Object.keys(manifest.contributes.configuration.properties).map((name) => name.replace('olivepress.', ''));
  const sections = {
    Extension: {
      version: manifest.version,
      editor: `${vscode.env.appName} ${vscode.version}`,
      remote: vscode.env.remoteName ?? 'none',
      system: `${os.type()} ${os.release()} ${os.arch()}`,
      node: process.version,
      language: vscode.env.language,
      trusted: vscode.workspace.isTrusted,
      jsonSupport: vscode.extensions.getExtension('vscode.json-language-features') !== undefined,
      pythonExtension: versionOf('ms-python.python'),
    },
    Interpreter: interpreter ?? interpreters.lacking(),
    Settings: Object.fromEntries(names.map((name) => [name, settings.get(name)])),
    Server: { state: server.state, ...(await ofServer(services)) },
  };
  const text = Object.entries(sections).map(
    ([title, value]) => `## ${title}\n\n\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\`\n`,
  );
  log.debug('Debug information was shown');
  await showText(vscode.l10n.t('Olive Press debug information'), withoutSecrets(text.join('\n')));
}

interface Contributes {
  readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
}

async function ofServer({ server }: Services): Promise<object> {
  if (server.state !== 'running') {
    return {};
  }
  try {
    const information = await server.command<Information>('olivepress.information');
    return { ...information, releases: undefined, newest: undefined };
  } catch (error) {
    return { error: String(error) };
  }
}

function versionOf(extension: string): string {
  const found = vscode.extensions.getExtension<unknown>(extension)?.packageJSON as { version?: string } | undefined;
  return found?.version ?? 'not installed';
}
