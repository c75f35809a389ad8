/**
 * Between the editor and the server: only texts that may be workflows go over, settings get what the editor alone
 * knows, and findings are compared with those of VS Code's JSON support before they are shown.
 */

import * as vscode from 'vscode';
import type { BaseLanguageClient, Middleware } from 'vscode-languageclient/node';
import type { ConfigsHere } from '../configs.ts';
import type { OneVoice } from '../json/oneVoice.ts';
import type { Interpreters } from '../services.ts';
import { settingsOf } from './settings.ts';

export function makeMiddleware(
  configs: ConfigsHere,
  interpreters: Interpreters,
  voice: OneVoice,
  client: () => BaseLanguageClient | undefined,
): Middleware {
  /** The documents that the server has. */
  const shown = new Set<string>();

  return {
    async didOpen(document, next) {
      if (configs.mayBe(document)) {
        shown.add(document.uri.toString());
        await next(document);
      }
    },
    async didChange(event, next) {
      const { document } = event;
      if (shown.has(document.uri.toString())) {
        await next(event);
      } else if (configs.mayBe(document)) {
        const open = client()?.getFeature('textDocument/didOpen');
        await open?.getProvider(document)?.send(document);
      }
    },
    async didSave(document, next) {
      if (shown.has(document.uri.toString())) {
        await next(document);
      }
    },
    async didClose(document, next) {
      voice.forget(document.uri);
      if (shown.delete(document.uri.toString())) {
        await next(document);
      }
    },
    handleDiagnostics(uri, diagnostics, next) {
      voice.show(uri, diagnostics, next);
    },
    provideCodeActions: (document, range, context, token, next) =>
      next(document, voice.meant(document.uri, range), context, token),
    // `json/instead.ts` gives them, in the place of the JSON support's.
    provideDocumentSymbols: () => undefined,
    workspace: {
      // The server asks for its own section only.
      configuration: ({ items }) =>
        Promise.all(
          items.map(({ scopeUri }) =>
            settingsOf(scopeUri === undefined ? undefined : vscode.Uri.parse(scopeUri), interpreters),
          ),
        ),
    },
  };
}
