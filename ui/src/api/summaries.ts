// A search: a line for each trace, never whole traces.
import { apiDuration, type Query, timeOf } from '../search/query';
import { apiUrl, ask, Refused } from './http';

export interface ServiceSummary {
  name: string;
  spanCount: number;
  errorSpanCount: number;
}

export interface Summary {
  traceId: string;
  rootService: string;
  rootOperation: string;
  /** µs since 1970. */
  start: number;
  /** µs. */
  duration: number;
  spanCount: number;
  errorSpanCount: number;
  /** Spans whose parent is not there. */
  orphanSpanCount: number;
  services: ServiceSummary[];
}

export interface Found {
  summaries: Summary[];
  /** More traces match than the limit lets through. */
  truncated: boolean;
  /** What the server left out, in its words. */
  leftOut: string;
}

interface RawSummary {
  traceId: string;
  rootServiceName?: string;
  rootOperationName?: string;
  minStartTimeUnixNano: string;
  maxEndTimeUnixNano: string;
  spanCount?: number;
  errorSpanCount?: number;
  orphanSpanCount?: number;
  services?: Partial<ServiceSummary>[];
}

export async function findSummaries(query: Query, now: number, signal?: AbortSignal): Promise<Found> {
  const { start, end } = timeOf(query, now);
  const url = apiUrl('/api/v3/trace-summaries', {
    'query.serviceName': query.service,
    'query.operationName': query.operation,
    'query.startTimeMin': rfc3339(start),
    'query.startTimeMax': rfc3339(end),
    'query.searchDepth': query.limit,
    'query.durationMin': apiDuration(query.minDuration),
    'query.durationMax': apiDuration(query.maxDuration),
    'query.attributes': Object.keys(query.tags).length > 0 ? JSON.stringify(query.tags) : undefined,
  });
  let response: Response;
  try {
    response = await ask(url, { signal });
  } catch (error) {
    // Jaeger 2 says "nothing found" as an error.
    if (error instanceof Refused && error.status === 404) return { summaries: [], truncated: false, leftOut: '' };
    throw error;
  }
  const answer = (await response.json()) as { summaries?: RawSummary[]; error?: { message?: string } };
  return {
    summaries: (answer.summaries ?? []).map(summary),
    truncated: response.headers.get('x-jaeger-truncated') === 'true',
    leftOut: answer.error?.message ?? '',
  };
}

function summary(raw: RawSummary): Summary {
  const start = micros(raw.minStartTimeUnixNano);
  return {
    // The API fills short ids up; people know them short.
    traceId: raw.traceId.replace(/^0{16}(?=.{16}$)/, ''),
    rootService: raw.rootServiceName ?? '',
    rootOperation: raw.rootOperationName ?? '',
    start,
    duration: Math.max(0, micros(raw.maxEndTimeUnixNano) - start),
    spanCount: raw.spanCount ?? 0,
    errorSpanCount: raw.errorSpanCount ?? 0,
    orphanSpanCount: raw.orphanSpanCount ?? 0,
    services: (raw.services ?? []).map(({ name = '', spanCount = 0, errorSpanCount = 0 }) => ({
      name,
      spanCount,
      errorSpanCount,
    })),
  };
}

/** Nanoseconds as text are more than a number holds. */
function micros(nanos: string): number {
  return Number(BigInt(nanos) / 1000n);
}

function rfc3339(us: number): string {
  const seconds = Math.floor(us / 1e6);
  const rest = String(Math.floor(us - seconds * 1e6)).padStart(6, '0');
  return new Date(seconds * 1000).toISOString().replace('.000Z', `.${rest}Z`);
}
