import { expect, test } from 'vitest';
import { testTrace } from '../trace/testTrace';
import { find, wordsOf } from './find';

const trace = testTrace([
  { id: 'aa11', operation: 'GET /cart' },
  { id: 'bb22', parent: 'aa11', start: 1, service: 'stock', tags: { 'http.status_code': 500 } },
  { id: 'cc33', parent: 'aa11', start: 2, tags: { error: true } },
]);

async function found(text: string): Promise<number[]> {
  const mask = await find(trace, wordsOf(text), new AbortController().signal);
  return [...mask!].flatMap((hit, row) => (hit ? [row] : []));
}

test('a span is found by all that it has', async () => {
  expect(await found('cart')).toEqual([0]);
  expect(await found('STOCK')).toEqual([1]);
  expect(await found('status_code=500')).toEqual([1]);
  expect(await found('cc33')).toEqual([2]);
  expect(await found('error=true 500')).toEqual([1, 2]);
  expect(await found('nowhere')).toEqual([]);
});
