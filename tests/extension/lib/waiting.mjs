// Waiting for what can only be looked at again and again.

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** The first value of `look` that is neither false nor empty nor an exception; `what` names it when it never comes. */
export async function eventually(what, look, { seconds = 30, every = 100 } = {}) {
  const until = performance.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const value = await look();
      if (value !== undefined && value !== null && value !== false) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`${what}: not within ${String(seconds)} s (last seen: ${String(seen)})`);
    }
    await sleep(every);
  }
}
