import { expect, test } from 'vitest';
import { apiDuration, lookbacks, paramsOf, queryOf, timeOf } from './query';

const read = (search: string) => queryOf(new URLSearchParams(search));

test('a query goes through the URL', () => {
  const query = read(
    'service=shop&operation=buy&tags={"error":"true"}&lookback=2h&minDuration=5ms&limit=7&start=1&end=2',
  );
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(paramsOf(query))) if (value) written.set(name, String(value));
  expect(queryOf(written)).toEqual(query);
});

test('links of the original page are taken', () => {
  expect(read('service=shop&operation=all&lookback=3h&maxDuration&minDuration&tag=a:b:c')).toMatchObject({
    service: 'shop',
    operation: '',
    tags: { a: 'b:c' },
    lookback: '3h',
    minDuration: '',
    limit: 20,
  });
  expect(read('service=-').service).toBe('');
  expect(read('start=5&end=9').lookback).toBe('custom');
});

test('a lookback alone ends now', () => {
  expect(timeOf(read('lookback=1h'), 10_000_000_000)).toEqual({ start: 6_400_000_000, end: 10_000_000_000 });
  expect(timeOf(read('lookback=1h&start=5&end=9'), 10_000_000_000)).toEqual({ start: 5, end: 9 });
});

test('no lookback is longer than the operator allows', () => {
  const values = (value: string) => lookbacks({ label: 'x', value }).map(([value]) => value);
  expect(values('1h')).toEqual(['5m', '15m', '30m', '1h']);
  expect(values('nonsense')).toHaveLength(16);
});

test('days are told to the API in what it knows', () => {
  expect(apiDuration('1d')).toBe('86400000000us');
  expect(apiDuration('100ms')).toBe('100000us');
});
