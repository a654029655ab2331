import { expect, test } from 'vitest';
import { duration, parseDuration } from './duration';

test('a duration has the largest unit that fits', () => {
  for (const [us, text] of [
    [0, '0µs'],
    [7, '7µs'],
    [1_234, '1.23ms'],
    [12_345, '12.3ms'],
    [999_999, '1000ms'],
    [80_000_000, '1m 20s'],
    [60_000_000, '1m'],
    [119_900_000, '2m'],
    [5_400_000_000, '1h 30m'],
    [-1_500, '-1.5ms'],
  ] as const) {
    expect(duration(us)).toBe(text);
  }
});

test('what the API takes is read, anything else is not', () => {
  expect(parseDuration('1.5s')).toBe(1_500_000);
  expect(parseDuration('2w')).toBe(1_209_600_000_000);
  for (const text of ['', '5', 's', '1 s x', '-1s']) expect(parseDuration(text)).toBeUndefined();
});
