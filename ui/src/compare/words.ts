// Differences as people say them.
import { duration } from '../format/duration';

/** `+3`, `−1`, `±0`. */
export function signed(difference: number, format: (value: number) => string): string {
  if (difference === 0) return '±0';
  return `${difference > 0 ? '+' : '−'}${format(Math.abs(difference))}`;
}

/** `B takes 3.2s longer than A, 12 times as long`. */
export function verdict(a: number, b: number): string {
  const difference = b - a;
  if (Math.abs(difference) <= 0.01 * Math.max(a, b)) return 'B takes as long as A';
  const word = difference > 0 ? 'longer' : 'less';
  const times = a > 0 && b > 0 ? Math.max(a, b) / Math.min(a, b) : 0;
  const factor =
    times >= 1.1
      ? `, ${times >= 10 ? Math.round(times) : Number(times.toFixed(1))} times ${difference > 0 ? 'as long' : 'faster'}`
      : '';
  return `B takes ${duration(Math.abs(difference))} ${word} than A${factor}`;
}
