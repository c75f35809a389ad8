/**
 * A webview panel of ours: its HTML with a strict policy, its script, its words, its messages; one of a kind for each
 * subject, and made anew after the window was reloaded. Knows nothing of what the pages show.
 */

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Disposes, Services } from '../services.ts';
import { pageStrings } from './strings.ts';

export interface PageKind<Subject> {
  /** `olivepress.run`; also the activation event `onWebviewPanel:...`. */
  readonly type: string;
  /** dist/web/NAME.js */
  readonly script: string;
  readonly title: (subject: Subject) => string;
  /** Pages with the same key are the same page. */
  readonly key: (subject: Subject) => string;
  /** A subject as the page has kept it over a reload; undefined if it is none. */
  readonly restore: (kept: unknown) => Subject | undefined;
  readonly start: (page: Page, subject: Subject, remembered: unknown) => PageHandler;
}

/** The extension's side of an open page. */
export interface Page {
  readonly panel: vscode.WebviewPanel;
  /** Lost while the page is hidden: then it asks for everything when it is back. */
  post(message: object): void;
  /** Somebody can see it and its script runs. */
  readonly live: boolean;
  readonly disposables: vscode.Disposable[];
}

export interface PageHandler {
  /** The page's script runs, for the first time or again after the page was hidden. */
  ready(): void | Promise<void>;
  /** What the page asks for. */
  message(message: { readonly type: string }): void | Promise<void>;
  /** The page is asked for again while it is open. */
  again?(): void;
}

export interface Pages<Subject> extends Disposes {
  open(subject: Subject): void;
}

interface Open {
  readonly panel: vscode.WebviewPanel;
  readonly handler: PageHandler;
}

export function makePages<Subject>(services: Services, kind: PageKind<Subject>): Pages<Subject> {
  const open = new Map<string, Open>();

  function attach(panel: vscode.WebviewPanel, subject: Subject, remembered: unknown): void {
    const key = kind.key(subject);
    let running = false;
    const disposables: vscode.Disposable[] = [];
    const page: Page = {
      panel,
      disposables,
      get live() {
        return running && panel.visible;
      },
      post: (message) => {
        if (running) void panel.webview.postMessage(message);
      },
    };
    panel.iconPath = vscode.Uri.joinPath(services.context.extensionUri, 'media', 'olive.svg');
    panel.webview.options = { enableScripts: true, localResourceRoots: roots(services) };
    const handler = kind.start(page, subject, remembered);
    open.set(key, { panel, handler });
    disposables.push(
      panel.webview.onDidReceiveMessage((message: { readonly type: string }) => {
        running ||= message.type === 'ready';
        const work = message.type === 'ready' ? handler.ready() : handler.message(message);
        Promise.resolve(work).catch((error: unknown) => { told(services, kind.type, error); });
      }),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) running = false;
      }),
      panel.onDidDispose(() => {
        running = false;
        open.delete(key);
        vscode.Disposable.from(...disposables).dispose();
      }),
    );
    panel.webview.html = html(services, panel.webview, kind.script, panel.title, subject);
  }

  const serializer = vscode.window.registerWebviewPanelSerializer(kind.type, {
    deserializeWebviewPanel: (panel, state: unknown) => {
      const { subject: kept, page } = (state ?? {}) as { subject?: unknown; page?: unknown };
      const subject = kind.restore(kept);
      if (subject === undefined || open.has(kind.key(subject))) panel.dispose();
      else attach(panel, subject, page);
      return Promise.resolve();
    },
  });

  return {
    open(subject) {
      const known = open.get(kind.key(subject));
      if (known !== undefined) {
        known.panel.reveal();
        known.handler.again?.();
        return;
      }
      const panel = vscode.window.createWebviewPanel(kind.type, kind.title(subject), vscode.ViewColumn.Active);
      attach(panel, subject, undefined);
    },
    dispose() {
      serializer.dispose();
      for (const { panel } of open.values()) panel.dispose();
    },
  };
}

function told({ log }: Services, type: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  log.error(`${type}: ${error instanceof Error ? error.stack ?? message : message}`);
  void vscode.window.showErrorMessage(message);
}

function roots({ context }: Services): vscode.Uri[] {
  return ['dist', 'media'].map((folder) => vscode.Uri.joinPath(context.extensionUri, folder));
}

/** Nothing but our own style and our own script; no inline style, no image, no connection. */
function html(
  { context }: Services, webview: vscode.Webview, script: string, title: string, subject: unknown,
): string {
  const nonce = randomBytes(18).toString('base64');
  const uri = (...path: string[]): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(context.extensionUri, ...path)).toString();
  const opening = JSON.stringify({ locale: vscode.env.language, strings: pageStrings(), subject });
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri('media', 'pages.css')}">
<title>${escaped(title)}</title>
</head>
<body>
<script type="application/json" id="opening">${opening.replace(/</g, '\\u003c')}</script>
<script nonce="${nonce}" src="${uri('dist', 'web', `${script}.js`)}"></script>
</body>
</html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
