import { expect, test } from 'vitest';
import { placeAt, ROW, topOf } from './useViewport';

test('open details push the rows behind them down', () => {
  const opened = { places: [1, 4], heights: [100, 50] };
  expect([0, 1, 2, 4, 5].map(place => topOf(place, opened))).toEqual([
    0,
    ROW,
    2 * ROW + 100,
    4 * ROW + 100,
    5 * ROW + 150,
  ]);
  for (let place = 0; place < 10; place++) expect(placeAt(topOf(place, opened), opened)).toBe(place);
  // Within the details is still their row.
  expect(placeAt(2 * ROW + 50, opened)).toBe(1);
});
