import { expect, test } from 'vitest';
import { length, range, searchParams } from './lookback';

const NOW = 1_700_000_000_000;

test('a lookback ends now', () => {
  expect(range('1h', '', '', '1d', NOW)).toEqual({ start: NOW - 3_600_000, end: NOW });
  expect(length(range('1w', '', '', '1d', NOW))).toBe(604_800_000);
});

test('two moments are microseconds, as in the URL of a search', () => {
  const chosen = range('custom', '1000000', '3000000', '1d', NOW);
  expect(chosen).toEqual({ start: 1000, end: 3000 });
  expect(searchParams('custom', chosen)).toEqual({ lookback: 'custom', start: '1000000', end: '3000000' });
  expect(searchParams('1h', chosen)).toEqual({ lookback: '1h' });
});

test('what is no range is the one that is shown without any', () => {
  for (const [start, end] of [
    ['', ''],
    ['5', '5'],
    ['x', '7'],
    ['7', ''],
  ] as const) {
    expect(range('custom', start, end, '1d', NOW)).toEqual({ start: NOW - 86_400_000, end: NOW });
  }
  expect(range('soon', '', '', '1d', NOW).end).toBe(NOW);
});
