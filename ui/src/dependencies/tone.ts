// How a link is drawn: wider the more calls it stands for, and redder the more of them fail.
import type { Tone } from '../graph/GraphCanvas';

const WIDEST = 5;

/** By the logarithm: calls between services differ by factors of thousands. */
export function widthOf(calls: number, most: number): number {
  if (calls <= 1 || most <= 1) return 1;
  return Math.round((1 + (WIDEST - 1) * (Math.log(calls) / Math.log(most))) * 10) / 10;
}

export function toneOf(rate: number | undefined): Tone {
  if (!rate) return 'plain';
  return rate < 0.05 ? 'warn' : 'bad';
}
