/** When a server that ended by itself is started again: a little later each time, and not for ever. */

const FIRST = 500;
const MOST = 5;
const WITHIN = 180_000;

export interface Restarts {
  /** Milliseconds to wait before the next start; undefined: it ended too often. `now` in milliseconds. */
  ended(now: number): number | undefined;
  /** The user asked for it: counted anew. */
  forget(): void;
}

export function makeRestarts(): Restarts {
  let times: number[] = [];
  return {
    ended(now) {
      times = [...times.filter((time) => now - time < WITHIN), now];
      return times.length >= MOST ? undefined : FIRST * 2 ** (times.length - 1);
    },
    forget() {
      times = [];
    },
  };
}
