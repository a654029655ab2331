// The part of time that a page shows: so long until now, or from one moment to another.
import { parseDuration } from '../format/duration';

/** Milliseconds since 1970. */
export interface Range {
  start: number;
  end: number;
}

export const LOOKBACKS: [value: string, label: string][] = [
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['3h', 'Last 3 hours'],
  ['12h', 'Last 12 hours'],
  ['1d', 'Last day'],
  ['2d', 'Last 2 days'],
  ['1w', 'Last week'],
  ['4w', 'Last 4 weeks'],
];

/** What `lookback`, `start` and `end` of a URL mean; `start` and `end` are microseconds, as the search's are. */
export function range(lookback: string, start: string, end: string, missing: string, now: number): Range {
  if (lookback === 'custom') {
    const [from, to] = [Number(start) / 1000, Number(end) / 1000];
    if (start && end && Number.isFinite(from) && Number.isFinite(to) && from < to) return { start: from, end: to };
  }
  const long = parseDuration(lookback) ?? parseDuration(missing) ?? 3_600_000_000;
  return { start: now - long / 1000, end: now };
}

/** How long the range is: for `/api/dependencies` and `/api/metrics`. */
export function length({ start, end }: Range): number {
  return Math.round(end - start);
}

/** The parameters of `/search` for the same range. */
export function searchParams(lookback: string, { start, end }: Range): Record<string, string> {
  const micros = { start: String(Math.round(start * 1000)), end: String(Math.round(end * 1000)) };
  return lookback === 'custom' ? { lookback, ...micros } : { lookback };
}
