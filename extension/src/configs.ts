/**
 * Which open documents are workflows. What stands in them decides, not their names.
 *
 * A cheap look finds the candidates, which alone are shown to the server; the server, which knows, corrects it. So a
 * window without such a config starts no server, and no other JSON ever leaves the editor.
 */

import * as vscode from 'vscode';
import type { Configs, Disposes } from './services.ts';

/** As `olive_server.recognising` has them: what is seen here is looked at there. */
const MENTIONS =
  /"(?:input_model|passes|data_configs|systems|evaluators|engine|pass_flows|auto_optimizer_config|azureml_client)"/;
const TYPICAL_NAME = /(?:^|\/)olive[-_. ]?(?:config|workflow|run)?\.jsonc?$/i;
const LANGUAGES = new Set(['json', 'jsonc']);
const SCHEMES = new Set(['file', 'untitled']);
/** Beyond this no text is a config, and looking at it costs. */
const MOST_LINES = 100_000;
const CALM = 200;

export const SELECTOR = [...LANGUAGES].flatMap((language) => [...SCHEMES].map((scheme) => ({ language, scheme })));

export interface ConfigsHere extends Configs, Disposes {
  /** Whether the server should see it. */
  mayBe(document: vscode.TextDocument): boolean;
  /** What the server says of a document. */
  told(uri: string, isConfig: boolean): void;
  /** The server has gone: its word no longer counts. */
  forget(): void;
}

interface Look {
  readonly version: number;
  readonly mayBe: boolean;
}

export function makeConfigs(): ConfigsHere {
  const looks = new WeakMap<vscode.TextDocument, Look>();
  const word = new Map<string, boolean>();
  const changed = new vscode.EventEmitter<void>();
  let before = '';
  let timer: NodeJS.Timeout | undefined;

  const mayBe = (document: vscode.TextDocument): boolean => {
    const known = looks.get(document);
    if (known?.version === document.version) {
      return known.mayBe;
    }
    const look = { version: document.version, mayBe: looksLikeConfig(document) };
    looks.set(document, look);
    return look.mayBe;
  };
  const has = (document: vscode.TextDocument): boolean => word.get(document.uri.toString()) ?? mayBe(document);
  const all = (): readonly vscode.TextDocument[] => vscode.workspace.textDocuments.filter(has);
  const check = (): void => {
    timer = undefined;
    const active = vscode.window.activeTextEditor?.document;
    const now = JSON.stringify([active && has(active), ...all().map((document) => document.uri.toString())]);
    if (now !== before) {
      before = now;
      changed.fire();
    }
  };
  const checkSoon = (): void => {
    timer ??= setTimeout(check, CALM);
  };
  const subscriptions = [
    changed,
    vscode.workspace.onDidOpenTextDocument(check),
    vscode.workspace.onDidCloseTextDocument((document) => {
      word.delete(document.uri.toString());
      check();
    }),
    vscode.window.onDidChangeActiveTextEditor(check),
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (isOfKind(event.document)) {
        checkSoon();
      }
    }),
  ];
  return {
    has,
    mayBe,
    get all() {
      return all();
    },
    get active() {
      const document = vscode.window.activeTextEditor?.document;
      return document && has(document) ? document : undefined;
    },
    onDidChange: changed.event,
    told(uri, isConfig) {
      word.set(uri, isConfig);
      check();
    },
    forget() {
      word.clear();
      check();
    },
    dispose() {
      clearTimeout(timer);
      vscode.Disposable.from(...subscriptions).dispose();
    },
  };
}

function isOfKind(document: vscode.TextDocument): boolean {
  return LANGUAGES.has(document.languageId) && SCHEMES.has(document.uri.scheme);
}

function looksLikeConfig(document: vscode.TextDocument): boolean {
  return (
    isOfKind(document) &&
    document.lineCount <= MOST_LINES &&
    (TYPICAL_NAME.test(document.uri.path) || MENTIONS.test(document.getText()))
  );
}
