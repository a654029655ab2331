// The answer of /api/metrics/*: series of points, not in the envelope of the other answers.

/** A point in time and its value; null where the value cannot be told. */
export interface Sample {
  /** Milliseconds since 1970. */
  time: number;
  value: number | null;
}

export interface Series {
  /** Absent where the answer is by service only. */
  operation: string | undefined;
  samples: Sample[];
}

/** Reads an answer; what is not as it must be is left out, since one odd series must not hide the others. */
export function seriesOf(answer: unknown): Series[] {
  return list(field(answer, 'metrics')).map(metric => ({
    operation: operationOf(metric),
    samples: list(field(metric, 'metricPoints'))
      .map(sampleOf)
      .filter(sample => Number.isFinite(sample.time))
      .sort((a, b) => a.time - b.time),
  }));
}

function operationOf(metric: unknown): string | undefined {
  const label = list(field(metric, 'labels')).find(label => field(label, 'name') === 'operation');
  const value = field(label, 'value');
  return typeof value === 'string' ? value : undefined;
}

function sampleOf(point: unknown): Sample {
  const time = Date.parse(String(field(point, 'timestamp')));
  // Zero is left out of protobuf's JSON; NaN is the text "NaN".
  const value = field(field(point, 'gaugeValue'), 'doubleValue') ?? 0;
  return { time, value: typeof value === 'number' && Number.isFinite(value) ? value : null };
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
