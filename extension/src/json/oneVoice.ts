/**
 * Where VS Code's JSON support says the same as we do, only one is shown.
 *
 * It cannot be told to keep quiet about broken JSON in some files, so our findings about the text (`json-...`) wait for
 * it: where it reports the same mistake, ours withdraws; our quick fixes stay, they do not need the finding.
 * What it leaves out (comments where the language allows them, say) is shown when it had its time. Where it is turned
 * off, all of ours is shown at once.
 */

import * as vscode from 'vscode';

const SYNTAX = /^json-/;
const UNCLOSED = 'json-unclosed';
/** Lines between a mistake and the next thing in the text. */
const NEAR = 2;
/** The JSON support looks at a text when typing pauses. */
const PATIENCE = 1000;

type Show = (uri: vscode.Uri, diagnostics: vscode.Diagnostic[]) => void;

interface Told {
  readonly uri: vscode.Uri;
  readonly ours: readonly vscode.Diagnostic[];
  readonly show: Show;
  readonly since: number;
  /** Which of ours about the text are shown: they stay until they are withdrawn, whatever is typed elsewhere. */
  shown: ReadonlySet<string>;
}

export interface OneVoice {
  show(uri: vscode.Uri, ours: vscode.Diagnostic[], next: Show): void;
  /** Where fixes are to be looked for: the range, and the places of ours that withdrew for what is reported there. */
  meant(uri: vscode.Uri, range: vscode.Range): vscode.Range;
  forget(uri: vscode.Uri): void;
  dispose(): void;
}

export function makeOneVoice(): OneVoice {
  const told = new Map<string, Told>();
  const timers = new Map<string, NodeJS.Timeout>();

  const look = (key: string): void => {
    const one = told.get(key);
    if (one) {
      const left = visible(one);
      const shown = keysOf(left);
      if (shown.size !== one.shown.size || [...shown].some((name) => !one.shown.has(name))) {
        one.shown = shown;
        one.show(one.uri, left);
      }
    }
  };
  const listening = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    uris.forEach((uri) => { look(uri.toString()); });
  });

  return {
    show(uri, ours, next) {
      const key = uri.toString();
      if (!ours.some(isSyntax) || !speaksOfSyntax(uri)) {
        told.delete(key);
        next(uri, ours);
        return;
      }
      const one: Told = { uri, ours, show: next, since: Date.now(), shown: told.get(key)?.shown ?? new Set() };
      const left = visible(one);
      one.shown = keysOf(left);
      told.set(key, one);
      next(uri, left);
      clearTimeout(timers.get(key));
      timers.set(key, setTimeout(look, PATIENCE, key));
    },
    meant(uri, range) {
      const theirs = theirsOf(uri).filter((other) => other.range.intersection(range) !== undefined);
      const ours = (told.get(uri.toString())?.ours ?? []).filter(
        (one) => isSyntax(one) && theirs.some((other) => isSame(one, other)),
      );
      return ours.reduce((whole, one) => whole.union(one.range), range);
    },
    forget(uri) {
      told.delete(uri.toString());
    },
    dispose() {
      listening.dispose();
      timers.forEach((timer) => { clearTimeout(timer); });
      told.clear();
    },
  };
}

function visible({ uri, ours, since, shown }: Told): vscode.Diagnostic[] {
  const theirs = theirsOf(uri);
  const patient = Date.now() - since < PATIENCE;
  return ours.filter((one) => {
    if (!isSyntax(one)) {
      return true;
    }
    return !theirs.some((other) => isSame(one, other)) && (!patient || shown.has(keyOf(one)));
  });
}

function keysOf(diagnostics: readonly vscode.Diagnostic[]): ReadonlySet<string> {
  return new Set(diagnostics.filter(isSyntax).map(keyOf));
}

function keyOf(diagnostic: vscode.Diagnostic): string {
  return `${codeOf(diagnostic)} ${diagnostic.range.start.line}`;
}

function isSyntax(diagnostic: vscode.Diagnostic): boolean {
  return SYNTAX.test(codeOf(diagnostic));
}

function codeOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

/** Whether the JSON support is there and looks at this file. */
function speaksOfSyntax(uri: vscode.Uri): boolean {
  return (
    vscode.extensions.getExtension('vscode.json-language-features') !== undefined &&
    vscode.workspace.getConfiguration('json', uri).get('validate.enable') !== false
  );
}

function theirsOf(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(isOfJsonSupport);
}

/** Its source is the language's name in newer versions; older ones give none. */
function isOfJsonSupport({ source }: vscode.Diagnostic): boolean {
  return source === undefined || source === 'json' || source === 'jsonc';
}

/**
 * Whether both are about one mistake. The JSON support reports at what comes next (a missing comma at the value after
 * it), and a bracket that is never closed where the text ends.
 */
function isSame(one: vscode.Diagnostic, other: vscode.Diagnostic): boolean {
  const lines = other.range.start.line - one.range.end.line;
  return (
    one.range.intersection(other.range) !== undefined ||
    (lines >= 0 && lines <= NEAR) ||
    (lines >= 0 && codeOf(one) === UNCLOSED)
  );
}
