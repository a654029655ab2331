import { expect, test } from 'vitest';
import { around, errorRate, type Link, merged, servicesOf, trafficOf } from './links';

function link(parent: string, child: string, callCount = 1, errorCount?: number): Link {
  return errorCount === undefined ? { parent, child, callCount } : { parent, child, callCount, errorCount };
}

const SHOP = [
  link('page', 'order', 10),
  link('order', 'pay', 8),
  link('pay', 'bank', 8),
  link('admin', 'pay', 1),
  link('order', 'order', 2),
  link('page', 'search', 5),
];

function names(links: Link[]): string[] {
  return links.map(({ parent, child }) => `${parent}>${child}`);
}

test('links of one pair are one link', () => {
  const all = merged([link('b', 'c', 2, 1), link('a', 'b', 1), link('b', 'c', 3, 1)]);
  expect(all).toEqual([link('a', 'b', 1), link('b', 'c', 5, 2)]);
});

test('names that look like a pair do not fall together', () => {
  expect(merged([link('a","b', 'c'), link('a', 'b","c')])).toHaveLength(2);
});

test('a focus shows its callers and callees, and not the callers of its callees', () => {
  expect(names(around(SHOP, { service: 'order', depth: 1 }))).toEqual(['page>order', 'order>pay', 'order>order']);
  expect(names(around(SHOP, { service: 'order', depth: 2 }))).toEqual([
    'page>order',
    'order>pay',
    'pay>bank',
    'order>order',
  ]);
});

test('a circle of calls ends', () => {
  const circle = [link('a', 'b'), link('b', 'a')];
  expect(around(circle, { service: 'a', depth: 1000 })).toEqual(circle);
});

test('a focus that nobody calls shows nothing', () => {
  expect(around(SHOP, { service: 'gone', depth: 3 })).toEqual([]);
});

test('an error rate is told only where errors are counted', () => {
  expect(errorRate(link('a', 'b', 4))).toBeUndefined();
  expect(errorRate(link('a', 'b', 4, 1))).toBe(0.25);
  expect(errorRate(link('a', 'b', 0, 0))).toBe(0);
});

test('traffic counts calls by and to a service', () => {
  const traffic = trafficOf([link('a', 'b', 4, 1), link('a', 'c', 2), link('b', 'c', 1)]);
  expect(traffic.get('a')).toEqual({ calls: 6, called: 0, failed: undefined });
  expect(traffic.get('b')).toEqual({ calls: 1, called: 4, failed: 1 });
  expect(servicesOf(SHOP)).toEqual(['admin', 'bank', 'order', 'page', 'pay', 'search']);
});
