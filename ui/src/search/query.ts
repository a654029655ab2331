// What is searched for: read from the URL, whose parameters are the original page's, and written into it.
import { parseDuration } from '../format/duration';
import type { Change } from '../url/useUrl';
import { type Tags, tagsOf } from './logfmt';

export interface Query {
  service: string;
  operation: string;
  tags: Tags;
  /** `1h` and so on, or `custom`. */
  lookback: string;
  /** µs since 1970; undefined for "so long until now". */
  start?: number;
  end?: number;
  /** As typed: `100ms`. */
  minDuration: string;
  maxDuration: string;
  limit: number;
}

export const DEFAULT_LOOKBACK = '1h';
export const DEFAULT_LIMIT = 20;

export const LOOKBACKS: [value: string, label: string][] = [
  ['5m', 'Last 5 minutes'],
  ['15m', 'Last 15 minutes'],
  ['30m', 'Last 30 minutes'],
  ['1h', 'Last hour'],
  ['2h', 'Last 2 hours'],
  ['3h', 'Last 3 hours'],
  ['6h', 'Last 6 hours'],
  ['12h', 'Last 12 hours'],
  ['24h', 'Last 24 hours'],
  ['2d', 'Last 2 days'],
  ['3d', 'Last 3 days'],
  ['5d', 'Last 5 days'],
  ['7d', 'Last 7 days'],
  ['2w', 'Last 2 weeks'],
  ['3w', 'Last 3 weeks'],
  ['4w', 'Last 4 weeks'],
];

/** The lookbacks up to the longest that the operator allows, which stands last. */
export function lookbacks(max: { label: string; value: string }): [value: string, label: string][] {
  const longest = parseDuration(max.value);
  if (longest === undefined) return LOOKBACKS;
  const shorter = LOOKBACKS.filter(([value]) => (parseDuration(value) ?? 0) < longest);
  return [...shorter, [max.value, /^last/i.test(max.label) ? max.label : `Last ${max.label.toLowerCase()}`]];
}

/** What the URL asks for. */
export function queryOf(params: URLSearchParams): Query {
  const text = (name: string) => params.get(name) ?? '';
  const micros = (name: string) => {
    const value = Number(text(name));
    return text(name) && Number.isFinite(value) ? value : undefined;
  };
  const limit = Number(text('limit'));
  const service = text('service');
  return {
    // "-" is how the original's form says "none".
    service: service === '-' ? '' : service,
    operation: text('operation') === 'all' ? '' : text('operation'),
    tags: { ...tagsOf(text('tags')), ...tagOf(params.getAll('tag')) },
    lookback: text('lookback') || (params.has('start') ? 'custom' : DEFAULT_LOOKBACK),
    start: micros('start'),
    end: micros('end'),
    minDuration: text('minDuration'),
    maxDuration: text('maxDuration'),
    limit: limit > 0 ? Math.floor(limit) : DEFAULT_LIMIT,
  };
}

/** Older links have `tag=key:value`. */
function tagOf(given: string[]): Tags {
  return Object.fromEntries(given.flatMap(tag => (tag.includes(':') ? [splitOnce(tag)] : [])));
}

function splitOnce(tag: string): [string, string] {
  const at = tag.indexOf(':');
  return [tag.slice(0, at), tag.slice(at + 1)];
}

/** The URL's parameters of a query; the defaults of all that is not said. */
export function paramsOf(query: Query): Change {
  return {
    service: query.service,
    operation: query.operation,
    tags: Object.keys(query.tags).length > 0 ? JSON.stringify(query.tags) : undefined,
    tag: undefined,
    lookback: query.lookback,
    start: query.start,
    end: query.end,
    minDuration: query.minDuration,
    maxDuration: query.maxDuration,
    limit: query.limit,
    traceID: undefined,
  };
}

/** From when to when, in µs since 1970. */
export function timeOf(query: Query, now: number): { start: number; end: number } {
  const lookback = parseDuration(query.lookback) ?? parseDuration(DEFAULT_LOOKBACK)!;
  const end = query.end ?? now;
  return { start: query.start ?? end - lookback, end };
}

/** A duration for the API, which knows no days. */
export function apiDuration(typed: string): string {
  const us = parseDuration(typed);
  return us === undefined ? typed : `${Math.round(us)}us`;
}
