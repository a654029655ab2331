// The orders in which found traces are listed.
import type { Summary } from '../api/summaries';

export const SORTS: [value: string, label: string, compare: (a: Summary, b: Summary) => number][] = [
  ['recent', 'Most recent', (a, b) => b.start - a.start],
  ['longest', 'Longest first', (a, b) => b.duration - a.duration],
  ['shortest', 'Shortest first', (a, b) => a.duration - b.duration],
  ['most-spans', 'Most spans', (a, b) => b.spanCount - a.spanCount],
  ['least-spans', 'Fewest spans', (a, b) => a.spanCount - b.spanCount],
  ['most-errors', 'Most errors', (a, b) => b.errorSpanCount - a.errorSpanCount],
];

export function sorted(summaries: Summary[], sort: string): Summary[] {
  const [, , compare] = SORTS.find(([value]) => value === sort) ?? SORTS[0]!;
  return [...summaries].sort(compare);
}
