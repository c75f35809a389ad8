/**
 * What we give in the place of VS Code's JSON support: a provider whose selector is exclusive is the only one asked. It
 * names the very documents, so that every other JSON file keeps what it had.
 *
 * The outline always. Completion only where an older JSON support cannot be given a schema for files of any name, and
 * would offer the keys that it sees elsewhere in the text beside ours: there, snippets of the user are lost with it.
 */

import * as vscode from 'vscode';
import type { Services } from '../services.ts';

interface Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

interface Entry {
  readonly name: string;
  readonly detail?: string;
  readonly kind: number;
  readonly range: Range;
  readonly selectionRange: Range;
  readonly children?: readonly Entry[];
}

export function register({ configs, server }: Services): vscode.Disposable {
  const completes = !readsAssociations();
  const outline: vscode.DocumentSymbolProvider = {
    async provideDocumentSymbols(document, token) {
      const params = { textDocument: { uri: document.uri.toString() } };
      const found = await server.request<Entry[] | null>('textDocument/documentSymbol', params, token);
      return found?.map(asSymbol);
    },
  };
  let registered: vscode.Disposable | undefined;
  let known = '';
  const renew = (): void => {
    const documents = server.state === 'running' ? configs.all : [];
    const now = documents.map((document) => document.uri.toString()).join('\n');
    if (now !== known) {
      known = now;
      registered?.dispose();
      registered = undefined;
      const [first] = documents;
      if (first) {
        const selector = documents.map(onlyThis);
        const completion = completes ? server.completion(first) : undefined;
        registered = vscode.Disposable.from(
          vscode.languages.registerDocumentSymbolProvider(selector, outline, { label: 'Olive Press' }),
          ...(completion
            ? [vscode.languages.registerCompletionItemProvider(selector, completion.provider, ...completion.triggers)]
            : []),
        );
      }
    }
  };
  renew();
  return vscode.Disposable.from(configs.onDidChange(renew), server.onDidChangeState(renew), {
    dispose: () => {
      registered?.dispose();
    },
  });
}

/** Whether the JSON support reads the list of `schemas.ts`. */
function readsAssociations(): boolean {
  const found = vscode.extensions.getExtension<unknown>('vscode.json-language-features');
  const manifest = found?.packageJSON as { contributes?: { jsonValidationRegistry?: unknown } } | undefined;
  return found === undefined || manifest?.contributes?.jsonValidationRegistry !== undefined;
}

/** `exclusive` is older than the typed interface, and not in it. */
function onlyThis({ uri, languageId }: vscode.TextDocument): vscode.DocumentFilter & { exclusive: true } {
  const cut = uri.path.lastIndexOf('/');
  const folder = uri.with({ path: uri.path.slice(0, cut) || '/' });
  const name = uri.path.slice(cut + 1).replace(/[[\]{}*?]/g, '[$&]');
  const pattern = uri.scheme === 'file' ? new vscode.RelativePattern(folder, name) : name;
  return { language: languageId, scheme: uri.scheme, pattern, exclusive: true };
}

function asSymbol(symbol: Entry): vscode.DocumentSymbol {
  const { name, detail = '', kind, range, selectionRange, children = [] } = symbol;
  // The protocol counts kinds from one, the editor from zero.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
  const editorKind = (kind - 1) as vscode.SymbolKind;
  const made = new vscode.DocumentSymbol(name || '""', detail, editorKind, asRange(range), asRange(selectionRange));
  made.children = children.map(asSymbol);
  return made;
}

function asRange({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
