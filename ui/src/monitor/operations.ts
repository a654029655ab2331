// The operations of a service, one line each: how slow, how often, how many fail, and what of the service's time they take.
import type { Series } from './family';

export interface OperationLine {
  operation: string;
  /** Milliseconds; null where it cannot be told. */
  p95: number | null;
  /** Calls a second. */
  rate: number | null;
  /** Failed calls as a part of all. */
  errors: number | null;
  /** This operation's part of latency times rate of all: 0 to 1. */
  impact: number | null;
  /** The rate over time, for a small drawing. */
  rates: (number | null)[];
}

export function operationLines(latencies: Series[], calls: Series[], errors: Series[]): OperationLine[] {
  const names = new Set<string>();
  for (const series of [...latencies, ...calls, ...errors])
    if (series.operation !== undefined) names.add(series.operation);
  const lines = [...names].map(operation => {
    const of = (all: Series[]) => all.find(series => series.operation === operation);
    const rate = of(calls);
    return {
      operation,
      p95: mean(of(latencies)),
      rate: mean(rate),
      errors: failed(of(errors), rate),
      impact: null as number | null,
      rates: rate?.samples.map(({ value }) => value) ?? [],
    };
  });
  const weight = (line: OperationLine) => (line.p95 ?? 0) * (line.rate ?? 0);
  const all = lines.reduce((sum, line) => sum + weight(line), 0);
  for (const line of lines) if (all > 0) line.impact = weight(line) / all;
  return lines.sort((a, b) => weight(b) - weight(a) || (a.operation < b.operation ? -1 : 1));
}

/** The mean of what can be told. */
export function mean(series: Series | undefined): number | null {
  const known = (series?.samples ?? []).flatMap(({ value }) => (value === null ? [] : [value]));
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/** Errors are a part of the calls at each time, so a busy minute counts more than a quiet one. */
function failed(errors: Series | undefined, calls: Series | undefined): number | null {
  if (!errors) return null;
  const rates = new Map(calls?.samples.map(({ time, value }) => [time, value]));
  let failing = 0;
  let all = 0;
  for (const { time, value } of errors.samples) {
    const rate = rates.get(time);
    if (value === null || !rate) continue;
    failing += value * rate;
    all += rate;
  }
  return all > 0 ? failing / all : mean(errors);
}
