import { expect, test } from 'vitest';
import { testTrace } from '../trace/testTrace';
import { closedRows, deeper, OPEN, readCollapse, toggled, writeCollapse } from './collapse';
import { placeOf, visibleRows } from './visible';

//  a - b - c
//    - d - e
const trace = testTrace([
  { id: 'a', duration: 10 },
  { id: 'b', parent: 'a', start: 1 },
  { id: 'c', parent: 'b', start: 2 },
  { id: 'd', parent: 'a', start: 3 },
  { id: 'e', parent: 'd', start: 4 },
]);
const shown = (collapse: string, wanted?: number[]) => {
  const mask = wanted && Uint8Array.from({ length: 5 }, (_, row) => Number(wanted.includes(row)));
  return [...visibleRows(trace, closedRows(trace, readCollapse(collapse)), mask)].map(row => trace.ids[row]).join('');
};

test('closed spans hide what is below them', () => {
  expect(shown('')).toBe('abcde');
  expect(shown('0')).toBe('a');
  expect(shown('1')).toBe('abd');
  expect(shown('1,b')).toBe('abcd');
  expect(shown(',b')).toBe('abde');
});

test('what is not wanted is hidden, but for the way to it', () => {
  expect(shown('', [2])).toBe('abc');
  expect(shown('', [])).toBe('');
  expect(shown(',b', [2, 3])).toBe('abd');
});

test('a level at a time', () => {
  const less = deeper(OPEN, trace, -1);
  expect(writeCollapse(less)).toBe('1');
  expect(writeCollapse(deeper(less, trace, -1))).toBe('0');
  expect(writeCollapse(deeper(deeper(less, trace, -1), trace, -1))).toBe('0');
  expect(writeCollapse(deeper(less, trace, 1))).toBe('');
  expect(writeCollapse(toggled(toggled(less, 'b'), 'b'))).toBe('1');
});

test('a row is found among those that are shown', () => {
  expect(placeOf(Int32Array.of(0, 3, 7), 3)).toBe(1);
  expect(placeOf(Int32Array.of(0, 3, 7), 6)).toBe(1);
  expect(placeOf(Int32Array.of(0, 3, 7), 9)).toBe(2);
});
