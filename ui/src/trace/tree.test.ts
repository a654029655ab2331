import { expect, test } from 'vitest';
import { tree } from './tree';

test('parents stand before their children and siblings by start', () => {
  const { order, parent, depth, end, orphan } = tree(
    ['c', 'a', 'b', 'd', 'x'],
    ['a', '', 'a', 'b', 'gone'],
    [3, 1, 2, 2.5, 0],
  );
  expect([...order]).toEqual([4, 1, 2, 3, 0]);
  expect([...parent]).toEqual([-1, -1, 1, 2, 1]);
  expect([...depth]).toEqual([0, 0, 1, 2, 1]);
  expect([...end]).toEqual([1, 5, 4, 4, 5]);
  expect([...orphan]).toEqual([1, 0, 0, 0, 0]);
});

test('spans in a circle are all there', () => {
  const { order, depth } = tree(['a', 'b', 'c', 'self'], ['b', 'c', 'a', 'self'], [1, 2, 3, 4]);
  expect([...order].sort()).toEqual([0, 1, 2, 3]);
  expect([...depth].sort()).toEqual([0, 0, 1, 2]);
});

test('a chain of a hundred thousand spans is no matter', () => {
  const ids = Array.from({ length: 100_000 }, (_, place) => String(place));
  const parents = ids.map((_, place) => (place === 0 ? '' : String(place - 1)));
  const { depth, end } = tree(ids, parents, ids.map(Number));
  expect(depth[99_999]).toBe(99_999);
  expect(end[0]).toBe(100_000);
});

test('of spans with one id each is shown once', () => {
  const { order, parent } = tree(['a', 'a', 'b'], ['', '', 'a'], [1, 2, 3]);
  expect([...order]).toEqual([0, 2, 1]);
  expect([...parent]).toEqual([-1, 0, -1]);
});
