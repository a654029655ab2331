// Work over many items in slices of a few milliseconds, so that the page goes on answering meanwhile.

const SLICE_MS = 12;

/** Calls `work` with each number below `count`; `told` hears after each slice how far it is. Ends early when aborted. */
export async function inSlices(
  count: number,
  work: (at: number) => void,
  signal: AbortSignal,
  told: (done: number) => void = () => {},
): Promise<void> {
  let until = performance.now() + SLICE_MS;
  for (let at = 0; at < count; at++) {
    work(at);
    if (performance.now() < until) continue;
    told(at + 1);
    // A task of its own, and not only a promise: what the reader does comes in between.
    await new Promise(resolve => setTimeout(resolve));
    if (signal.aborted) return;
    until = performance.now() + SLICE_MS;
  }
}
