import { expect, test } from 'vitest';
import { line, lines } from './text';

test('a line is cut and shows control characters as pictures', () => {
  expect(line('a\nb\u0000\u007f')).toBe('a␊b␀␡');
  expect(line('x'.repeat(100_000))).toHaveLength(241);
  expect(line('<script>')).toBe('<script>');
});

test('lines stay lines', () => {
  expect(lines('a\n\tb\u0007', 10)).toBe('a\n\tb␇');
  expect(lines('abc', 2)).toBe('ab…');
});
