/** What the suites share: the open folder, the extension's own services, waiting. */

import { equal } from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Services } from '../../../extension/src/services.ts';

export function folder(): string {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  if (!first) throw new Error('no folder is open');
  return first.uri.fsPath;
}

export function file(name: string): vscode.Uri {
  return vscode.Uri.file(join(folder(), name));
}

export function extension(): vscode.Extension<Services> {
  const found = vscode.extensions.getExtension<Services>('olivepress.olivepress');
  if (!found) throw new Error('the extension is not installed');
  return found;
}

export async function services(): Promise<Services> {
  return extension().activate();
}

export async function open(name: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file(name)));
}

/** The first value of `look` that is neither undefined nor false. */
export async function eventually<T>(what: string, look: () => T | Promise<T>, seconds = 40): Promise<Exclude<T, undefined | false>> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    if (Date.now() > until) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Our findings on a document, once there are as many as wanted. */
export async function findings(uri: vscode.Uri, wanted: (found: vscode.Diagnostic[]) => boolean): Promise<vscode.Diagnostic[]> {
  let last: vscode.Diagnostic[] = [];
  try {
    return await eventually('findings', () => {
      last = vscode.languages.getDiagnostics(uri).filter((one) => /olive/i.test(one.source ?? ''));
      return wanted(last) && last;
    });
  } catch {
    throw new Error(`other findings: ${JSON.stringify(last.map((one) => `${code(one)}: ${one.message}`))}`);
  }
}

export function code(diagnostic: vscode.Diagnostic): string {
  return String(typeof diagnostic.code === 'object' ? diagnostic.code.value : diagnostic.code);
}

/** Puts a text in place of another one, which must be there once. */
export async function replace(editor: vscode.TextEditor, before: string, after: string): Promise<void> {
  const range = rangeOf(editor.document, before);
  equal(await editor.edit((edit) => { edit.replace(range, after); }), true);
}

/** Where a text stands that is there once. */
export function rangeOf(document: vscode.TextDocument, text: string): vscode.Range {
  const parts = document.getText().split(text);
  equal(parts.length, 2, `${text} should be there once`);
  const start = parts[0]?.length ?? 0;
  return new vscode.Range(document.positionAt(start), document.positionAt(start + text.length));
}

/** The place of `|` in a text, which is written into the document without it. */
export async function cursorIn(editor: vscode.TextEditor, text: string): Promise<vscode.Position> {
  const at = text.indexOf('|');
  const { document } = editor;
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  await editor.edit((edit) => { edit.replace(whole, text.slice(0, at) + text.slice(at + 1)); });
  return document.positionAt(at);
}

export async function completions(uri: vscode.Uri, at: vscode.Position): Promise<vscode.CompletionItem[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, at);
  return list.items;
}

export function label(item: vscode.CompletionItem): string {
  return typeof item.label === 'string' ? item.label : item.label.label;
}

export async function hoverText(uri: vscode.Uri, at: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, at);
  return hovers.flatMap((hover) => hover.contents).map((part) => (typeof part === 'string' ? part : part.value)).join('\n');
}
