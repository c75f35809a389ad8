/** A page's side of the line to the extension: strings, formats, messages, what it remembers. */

import { fill, formats, type Formats } from '../../format.ts';
import type { StringKey } from '../../strings.ts';

interface Editor {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): Editor;

/** What the page was opened with: put into its HTML by the extension. */
interface Opening {
  readonly locale: string;
  readonly strings: Readonly<Record<string, string>>;
  /** What the extension needs to make the page anew after a reload; kept beside what the page remembers itself. */
  readonly subject: unknown;
}

const opening = JSON.parse(document.getElementById('opening')?.textContent ?? '{}') as Opening;
const editor = acquireVsCodeApi();

export const format: Formats = formats(opening.locale);

/** A text in the user's language. */
export function t(key: StringKey, ...values: (string | number)[]): string {
  return fill(opening.strings[key] ?? key, ...values);
}

export function send(message: unknown): void {
  editor.postMessage(message);
}

export function listen<T>(handle: (message: T) => void): void {
  window.addEventListener('message', (event: MessageEvent<T>) => {
    handle(event.data);
  });
}

/** What the page remembers of itself while hidden and after a reload, over its defaults. */
export function remembered<T extends object>(defaults: T): T {
  const state = editor.getState() as { page?: Partial<T> } | undefined;
  const kept: T = { ...defaults, ...state?.page };
  editor.setState({ subject: opening.subject, page: kept });
  return kept;
}

export function remember(page: object): void {
  editor.setState({ subject: opening.subject, page });
}

/** Calls at most once a frame, with the newest arguments. */
export function perFrame(work: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}
