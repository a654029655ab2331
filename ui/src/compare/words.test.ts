import { expect, test } from 'vitest';
import { pairOf, pathOf, traceId } from './pair';
import { signed, verdict } from './words';

test('the verdict says which takes longer, by how much and how many times', () => {
  expect(verdict(184_000, 3_410_000)).toBe('B takes 3.23s longer than A, 19 times as long');
  expect(verdict(3_000_000, 2_000_000)).toBe('B takes 1s less than A, 1.5 times faster');
  expect(verdict(1000, 1005)).toBe('B takes as long as A');
  expect(verdict(0, 0)).toBe('B takes as long as A');
  expect(verdict(0, 5)).toBe('B takes 5µs longer than A');
});

test('differences have a sign', () => {
  expect([3, -2, 0].map(value => signed(value, String))).toEqual(['+3', '−2', '±0']);
});

test('a pair is read from a path and written to it, whichever side is missing', () => {
  expect(pairOf('ABC...12')).toEqual({ a: 'abc', b: '12' });
  expect(pairOf('...12')).toEqual({ a: '', b: '12' });
  expect(pairOf('...')).toEqual({ a: '', b: '' });
  expect(pathOf(pairOf('1...2'))).toBe('/trace/1...2');
  expect(traceId(' xyz ')).toBe('');
  expect(traceId('1'.repeat(33))).toBe('');
});
