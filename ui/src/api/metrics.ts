// Latencies, calls and errors as series.
import { apiUrl, json } from './http';

export interface Family {
  name: string;
  metrics: {
    labels: { name: string; value: string }[];
    metricPoints: { gaugeValue: { doubleValue: number | 'NaN' }; timestamp: string }[];
  }[];
}

export interface MetricsParams {
  service: string;
  /** All in milliseconds. */
  endTs: number;
  lookback: number;
  step: number;
  ratePer: number;
  spanKind: string;
  groupByOperation?: boolean;
}

export function latencies(params: MetricsParams & { quantile: number }, signal?: AbortSignal): Promise<Family> {
  return json(apiUrl('/api/metrics/latencies', { ...params }), signal);
}

export function calls(params: MetricsParams, signal?: AbortSignal): Promise<Family> {
  return json(apiUrl('/api/metrics/calls', { ...params }), signal);
}

export function errors(params: MetricsParams, signal?: AbortSignal): Promise<Family> {
  return json(apiUrl('/api/metrics/errors', { ...params }), signal);
}
