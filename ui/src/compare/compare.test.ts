import { expect, test } from 'vitest';
import { pathTree } from '../paths/pathTree';
import { sample } from '../paths/sample';
import { causes } from './causes';
import { change, seen } from './change';
import { diff } from './diff';

const NORMAL = pathTree(
  sample(
    ['page:checkout', -1, 100, 10, 10],
    ['shop:order', 0, 90, 20, 20],
    ['cart:get', 1, 20, 20, 20],
    ['pay:charge', 1, 50, 50, 50],
  ),
);
const RETRIES = pathTree(
  sample(
    ['page:checkout', -1, 3000, 10, 10],
    ['shop:order', 0, 2990, 20, 20],
    ['pay:charge', 1, 990, 990, 990, true],
    ['pay:charge', 1, 990, 990, 990, true],
    ['pay:charge', 1, 990, 990, 990],
    ['fraud:check', 1, 0, 0, 0],
  ),
);

test('two traces are laid over each other by the ways that spans came', () => {
  const nodes = diff(NORMAL, RETRIES);
  expect(nodes.map(({ service, parent, a, b }) => [service, parent, a?.spans, b?.spans])).toEqual([
    ['page', -1, 1, 1],
    ['shop', 0, 1, 1],
    ['cart', 1, 1, undefined],
    ['pay', 1, 1, 3],
    ['fraud', 1, undefined, 1],
  ]);
  expect(nodes[3]?.b).toEqual({ spans: 3, failed: 2, duration: 2970, self: 2970, critical: 2970, first: 2 });
});

test('changes are told by structure and by duration', () => {
  const nodes = diff(NORMAL, RETRIES);
  expect(nodes.map(node => change(node, 'structure', 3000))).toEqual(['same', 'same', 'removed', 'more', 'added']);
  expect(nodes.map(node => change(node, 'duration', 3000))).toEqual(['more', 'more', 'removed', 'more', 'added']);
});

test('a difference under a hundredth of the longer trace is none', () => {
  const slower = pathTree(sample(['page:checkout', -1, 100.5, 100, 100]));
  const [node] = diff(NORMAL, slower);
  expect(change(node!, 'duration', 100.5)).toBe('same');
  expect(change(node!, 'duration', 10)).toBe('more');
});

test('only what changed is seen, and what it hangs on', () => {
  const nodes = diff(NORMAL, RETRIES);
  const changes = nodes.map(node => change(node, 'structure', 3000));
  expect(seen(nodes, changes, true)).toEqual([0, 1, 2, 3, 4]);
  expect(seen(nodes, changes, false)).toHaveLength(5);
  const same = diff(NORMAL, NORMAL);
  expect(
    seen(
      same,
      same.map(node => change(node, 'structure', 100)),
      true,
    ),
  ).toEqual([]);
});

test('the causes add up to the difference of the two traces', () => {
  const nodes = diff(NORMAL, RETRIES);
  const { largest, rest } = causes(nodes, 3000 - 100, 1);
  expect(largest).toEqual([{ at: 3, difference: 2920 }]);
  expect(rest).toBe(-20);
  expect(causes(nodes, 2900, 9).rest).toBe(0);
});

test('names that run into each other are other paths', () => {
  const one = pathTree(sample(['r:r', -1, 1, 1, 1], ['ab:c', 0, 1, 1, 1]));
  const other = pathTree(sample(['r:r', -1, 1, 1, 1], ['a:bc', 0, 1, 1, 1]));
  expect(diff(one, other)).toHaveLength(3);
});

test('traces with nothing in common are all removed and added', () => {
  const other = pathTree(sample(['x:y', -1, 1, 1, 1]));
  expect(diff(NORMAL, other).map(({ a, b }) => [!!a, !!b])).toEqual([[false, true], ...Array(4).fill([true, false])]);
});

test('70,000 children of one span and a chain of 20,000 are compared', () => {
  const wide = pathTree(
    sample(
      ['a:a', -1, 1, 1, 1],
      ...Array.from({ length: 70_000 }, (_, at) => [`b:${at}`, 0, 1, 1, 1] as [string, number, number, number, number]),
    ),
  );
  const deep = pathTree(
    sample(
      ...Array.from(
        { length: 20_000 },
        (_, at) => ['a:a', at - 1, 1, 1, 1] as [string, number, number, number, number],
      ),
    ),
  );
  expect(diff(wide, deep)).toHaveLength(90_000);
}, 30_000);
