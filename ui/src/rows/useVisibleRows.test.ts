import { expect, test } from 'vitest';
import { visible } from './useVisibleRows';

test('rows in the window and some beyond it are there', () => {
  expect(visible(0, 900, 10_000, 30)).toEqual({ from: 0, to: 40 });
  expect(visible(30_000, 900, 10_000, 30)).toEqual({ from: 990, to: 1040 });
});

test('a list that is above or below the window is at its edge', () => {
  expect(visible(-5000, 900, 100, 30)).toEqual({ from: 0, to: 0 });
  expect(visible(1e9, 900, 100, 30)).toEqual({ from: 100, to: 100 });
  expect(visible(0, 900, 3, 30)).toEqual({ from: 0, to: 3 });
  expect(visible(0, 900, 0, 30)).toEqual({ from: 0, to: 0 });
});
