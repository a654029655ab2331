import { expect, test } from 'vitest';
import { pathTree } from './pathTree';
import { sample } from './sample';

test('spans that came the same way are one node', () => {
  const tree = pathTree(
    sample(
      ['page:GET /', -1, 100, 40, 40],
      ['shop:list', 0, 30, 30, 30],
      ['shop:list', 0, 30, 20, 30, true],
      ['db:select', 2, 10, 10, 0],
      ['shop:pay', 0, 5, 5, 0],
    ),
  );
  expect(tree.service).toEqual(['page', 'shop', 'db', 'shop']);
  expect([...tree.parent]).toEqual([-1, 0, 1, 0]);
  expect([...tree.depth]).toEqual([0, 1, 2, 1]);
  expect([...tree.spans]).toEqual([1, 2, 1, 1]);
  expect([...tree.failed]).toEqual([0, 1, 0, 0]);
  expect([...tree.duration]).toEqual([100, 60, 10, 5]);
  expect([...tree.self]).toEqual([40, 50, 10, 5]);
  expect([...tree.first]).toEqual([0, 1, 3, 4]);
});

test('a chain of 50,000 calls is a tree', () => {
  const tree = pathTree(
    sample(
      ...Array.from(
        { length: 50_000 },
        (_, at) => [`a:b`, at - 1, 1, 1, 1] as [string, number, number, number, number],
      ),
    ),
  );
  expect(tree.length).toBe(50_000);
  expect(tree.depth[49_999]).toBe(49_999);
}, 30_000);
