import { expect, test } from 'vitest';
import { criticalPath } from './criticalPath';
import { tree } from './tree';

/** Spans as `id: [parent, start, end]`. */
function path(spans: Record<string, [string, number, number]>): string[] {
  const ids = Object.keys(spans);
  const { order, parent, end } = tree(
    ids,
    ids.map(id => spans[id]![0]),
    ids.map(id => spans[id]![1]),
  );
  const start = Float64Array.from(order, span => spans[ids[span]!]![1]);
  const duration = Float64Array.from(order, span => spans[ids[span]!]![2] - spans[ids[span]!]![1]);
  const { row, from, to } = criticalPath({ start, duration, end, parent });
  return Array.from(row, (row, place) => `${ids[order[row]!]} ${from[place]}-${to[place]}`);
}

test('a child that is waited for takes over from its parent', () => {
  expect(path({ a: ['', 0, 100], b: ['a', 10, 40], c: ['a', 50, 90] })).toEqual([
    'a 0-10',
    'b 10-40',
    'a 40-50',
    'c 50-90',
    'a 90-100',
  ]);
});

test('of children at the same time the last to end counts', () => {
  expect(path({ a: ['', 0, 100], b: ['a', 10, 60], c: ['a', 20, 90] })).toEqual(['a 0-20', 'c 20-90', 'a 90-100']);
});

test('a child that outlives its parent was waited for until that ended', () => {
  expect(path({ a: ['', 0, 100], b: ['a', 10, 150] })).toEqual(['a 0-10', 'b 10-100']);
});

test('it goes down several levels', () => {
  expect(path({ a: ['', 0, 100], b: ['a', 20, 80], c: ['b', 30, 70] })).toEqual([
    'a 0-20',
    'b 20-30',
    'c 30-70',
    'b 70-80',
    'a 80-100',
  ]);
});
