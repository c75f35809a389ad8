/**
 * A page's line to the extension: typed messages both ways, and the state that survives hiding the page.
 *
 * The only place that knows `acquireVsCodeApi`, which may be called once a page.
 */

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

export function post(message: object): void {
  api.postMessage(message);
}

export function onMessage<T>(handler: (message: T) => void): void {
  window.addEventListener('message', (event: MessageEvent<T>) => {
    handler(event.data);
  });
}

export function remember(state: object): void {
  api.setState(state);
}

/** What `remember` was given last; undefined on a new page. */
export function remembered(): unknown {
  return api.getState();
}
