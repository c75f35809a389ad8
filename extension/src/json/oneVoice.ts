/**
 * Where VS Code's JSON support says the same as we do, only one is shown.
 *
 * It cannot be told to keep quiet about broken JSON in some files, so our finding about the text (`json-...`) withdraws
 * where it reports one at the same place; our quick fixes stay, they do not need the finding. What it does not report
 * (other places, other codes) stays ours, and all of it where it is turned off.
 */

import * as vscode from 'vscode';

const SYNTAX = /^json-/;
const CALM = 150;

type Show = (uri: vscode.Uri, diagnostics: vscode.Diagnostic[]) => void;

interface Told {
  readonly uri: vscode.Uri;
  readonly ours: vscode.Diagnostic[];
  readonly show: Show;
  shown: number;
}

export interface OneVoice {
  show(uri: vscode.Uri, ours: vscode.Diagnostic[], next: Show): void;
  forget(uri: vscode.Uri): void;
}

export function makeOneVoice(): OneVoice {
  const told = new Map<string, Told>();
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Set<string>();

  const again = (): void => {
    timer = undefined;
    for (const key of waiting) {
      const one = told.get(key);
      const left = one && withdrawn(one);
      if (one && left && left.length !== one.shown) {
        one.shown = left.length;
        one.show(one.uri, left);
      }
    }
    waiting.clear();
    if (told.size === 0) {
      listening?.dispose();
      listening = undefined;
    }
  };
  const listen = (): vscode.Disposable =>
    vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      for (const uri of uris) {
        if (told.has(uri.toString())) {
          waiting.add(uri.toString());
          timer ??= setTimeout(again, CALM);
        }
      }
    });
  let listening: vscode.Disposable | undefined;

  return {
    show(uri, ours, next) {
      const key = uri.toString();
      if (!ours.some(isSyntax)) {
        told.delete(key);
        next(uri, ours);
        return;
      }
      listening ??= listen();
      const one: Told = { uri, ours, show: next, shown: 0 };
      const left = withdrawn(one);
      one.shown = left.length;
      told.set(key, one);
      next(uri, left);
    },
    forget(uri) {
      told.delete(uri.toString());
    },
  };
}

function withdrawn({ uri, ours }: Told): vscode.Diagnostic[] {
  const theirs = vscode.languages.getDiagnostics(uri).filter(isOfJsonSupport);
  return ours.filter((one) => !isSyntax(one) || !theirs.some((other) => touches(one.range, other.range)));
}

function isSyntax(diagnostic: vscode.Diagnostic): boolean {
  return SYNTAX.test(codeOf(diagnostic));
}

function codeOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

/** Its source is the language's name in newer versions; older ones give none. */
function isOfJsonSupport({ source }: vscode.Diagnostic): boolean {
  return source === undefined || source === 'json' || source === 'jsonc';
}

function touches(one: vscode.Range, other: vscode.Range): boolean {
  return one.intersection(other) !== undefined;
}
