import { expect, test } from 'vitest';
import { ago, dateTime, fromInput, toInput } from './time';

test('a moment is written in UTC to the millisecond', () => {
  expect(dateTime(1_700_000_000_123_456, 'utc')).toBe('2023-11-14 22:13:20.123');
});

test('what an input shows is read back', () => {
  const us = 1_700_000_000_000_000;
  for (const zone of ['utc', 'local'] as const) expect(fromInput(toInput(us, zone), zone)).toBe(us);
  expect(fromInput('nonsense', 'utc')).toBeUndefined();
});

test('how long ago is one word and a number', () => {
  expect(ago(0, 5e6)).toBe('5 seconds ago');
  expect(ago(0, 180e6)).toBe('3 minutes ago');
  expect(ago(0, 0)).toBe('just now');
});
