import { expect, test } from 'vitest';
import { inSlices } from './inSlices';

test('every item is worked on once, in order', async () => {
  const seen: number[] = [];
  await inSlices(1000, at => seen.push(at), new AbortController().signal);
  expect(seen).toEqual(Array.from({ length: 1000 }, (_, at) => at));
});

test('what takes long gives way in between, and ends when it is no longer wanted', async () => {
  const stop = new AbortController();
  let worked = 0;
  const slow = () => {
    worked++;
    const until = performance.now() + 2;
    while (performance.now() < until);
  };
  await inSlices(1e6, slow, stop.signal, () => stop.abort());
  expect(worked).toBeLessThan(1000);
});
