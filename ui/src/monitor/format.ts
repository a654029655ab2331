// Figures of the monitor as people read them.
import { duration } from '../format/duration';

/** Milliseconds, as the API has latencies. */
export function latency(ms: number): string {
  return duration(ms * 1000);
}

/** Calls a second; what is seldom is told by the minute or the hour. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0/s';
  if (perSecond >= 0.1) return `${Number(perSecond.toPrecision(3))}/s`;
  const perMinute = perSecond * 60;
  return perMinute >= 0.1 ? `${Number(perMinute.toPrecision(2))}/min` : `${Number((perMinute * 60).toPrecision(2))}/h`;
}

/** Where the server's counting of latencies has its borders, in milliseconds. */
const BORDERS = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000];

/** A latency that such spans really have: a quantile is a guess between two borders, and may be above all of them. */
export function reached(ms: number): number {
  return BORDERS.findLast(border => border <= ms) ?? 0;
}
