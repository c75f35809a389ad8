/**
 * What of the language client is used. Left out: what would be there twice beside VS Code's own JSON support
 * (formatting; the outline, which `json/instead.ts` gives in its stead), beside our own views (progress), and what
 * would take our commands' names (commands of the server). Diagnostics are pushed, so that they are at hand to be
 * compared with those of the JSON support.
 */

import * as vscode from 'vscode';
import { LanguageClient, type DynamicFeature, type StaticFeature } from 'vscode-languageclient/node';

const LEFT_OUT = new Set([
  'workspace/executeCommand',
  'textDocument/diagnostic',
  'window/workDoneProgress/create',
  'textDocument/onTypeFormatting',
  'textDocument/documentColor',
  'notebookDocument/sync',
]);
const FORMATTING = new Set(['textDocument/formatting', 'textDocument/rangeFormatting']);

export class Client extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const method = methodOf(feature);
    if (!LEFT_OUT.has(method) && !(FORMATTING.has(method) && hasJsonSupport())) {
      super.registerFeature(feature);
    }
  }
}

/** VS Code's own JSON support, which users can turn off. */
export function hasJsonSupport(): boolean {
  return vscode.extensions.getExtension('vscode.json-language-features') !== undefined;
}

function methodOf(feature: StaticFeature | DynamicFeature<unknown>): string {
  if ('registrationType' in feature) {
    return feature.registrationType.method;
  }
  const state = feature.getState();
  return 'id' in state ? state.id : '';
}
