import { expect, test } from 'vitest';
import { pathTree } from '../paths/pathTree';
import { sample } from '../paths/sample';
import { boxes, rows } from './boxes';

// Two calls beside each other, so that work is longer than the trace.
const TREE = pathTree(
  sample(['page:GET', -1, 100, 20, 0], ['a:x', 0, 80, 80, 0], ['b:y', 0, 80, 60, 0], ['c:z', 2, 20, 40, 0]),
);

test('a box is as wide as the work in it and below it, and stands within its caller', () => {
  const { left, width, work, all } = boxes(TREE);
  expect(all).toBe(200);
  expect([...work]).toEqual([200, 80, 100, 40]);
  expect([...width]).toEqual([1, 0.4, 0.5, 0.2]);
  expect([...left]).toEqual([0, 0, 0.4, 0.4]);
});

test('a window shows what is in it, and the way to it', () => {
  const placed = boxes(TREE);
  expect(rows(TREE, placed, { left: 0, width: 1 }, 0)).toEqual([[0], [1, 2], [3]]);
  expect(rows(TREE, placed, { left: placed.left[2]!, width: placed.width[2]! }, 0)).toEqual([[0], [2], [3]]);
  expect(rows(TREE, placed, { left: 0, width: 1 }, 0.3)).toEqual([[0], [1, 2]]);
});

test('a trace without any work is one that has no width', () => {
  const tree = pathTree(sample(['a:b', -1, 0, 0, 0]));
  expect([...boxes(tree).width]).toEqual([0]);
});
