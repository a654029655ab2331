import { expect, test } from 'vitest';
import { goDuration, readSkew, type Skew } from './skew';

test('durations of the server are read', () => {
  for (const [text, us] of [
    ['-1m2.5s', 62_500_000],
    ['10ms', 10_000],
    ['1h0m0.000001s', 3_600_000_001],
    ['-2µs', 2],
  ] as const) {
    expect(goDuration(text)).toBeCloseTo(us);
  }
});

test('spans that were moved and those that were not are told apart', () => {
  const moved: Skew = { spans: 0, most: 0 };
  const left: Skew = { spans: 0, most: 0 };
  for (const warning of [
    "This span's timestamps were adjusted by -10ms",
    "This span's timestamps were adjusted by 3ms",
    'clock skew adjustment disabled; not applying calculated delta of 1.5s',
    'max clock skew adjustment delta of 1s exceeded; not applying calculated delta of 2s',
    'invalid parent span IDs=0000000000000001; skipping clock skew adjustment',
  ]) {
    readSkew(warning, moved, left);
  }
  expect([moved, left]).toEqual([
    { spans: 2, most: 10_000 },
    { spans: 2, most: 2_000_000 },
  ]);
});
