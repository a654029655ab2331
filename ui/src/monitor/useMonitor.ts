// Everything that the monitor shows of a service, asked for at once.
import { useQuery } from '@tanstack/react-query';
import { calls, errors, latencies, type MetricsParams } from '../api/metrics';
import type { Range } from '../range/lookback';
import { length } from '../range/lookback';
import { type Series, seriesOf } from './family';
import { steps } from './steps';

export const QUANTILES = [0.5, 0.75, 0.95] as const;

export interface Measured {
  /** In the order of `QUANTILES`. */
  latencies: Series[];
  calls: Series[];
  errors: Series[];
  byOperation: { latencies: Series[]; calls: Series[]; errors: Series[] };
}

export function useMonitor(service: string, spanKind: string, range: Range) {
  const lookback = length(range);
  const endTs = Math.round(range.end);
  return useQuery({
    queryKey: ['monitor', service, spanKind, endTs, lookback],
    enabled: service !== '',
    queryFn: ({ signal }) => measure({ service, spanKind, endTs, lookback, ...steps(lookback) }, signal),
  });
}

async function measure(params: MetricsParams, signal: AbortSignal): Promise<Measured> {
  const each = { ...params, groupByOperation: true };
  const [slow, called, failed, operationsSlow, operationsCalled, operationsFailed] = await Promise.all([
    Promise.all(QUANTILES.map(quantile => latencies({ ...params, quantile }, signal))),
    calls(params, signal),
    errors(params, signal),
    latencies({ ...each, quantile: 0.95 }, signal),
    calls(each, signal),
    errors(each, signal),
  ]);
  return {
    latencies: slow.map(family => seriesOf(family)[0] ?? { operation: undefined, samples: [] }),
    calls: seriesOf(called),
    errors: seriesOf(failed),
    byOperation: {
      latencies: seriesOf(operationsSlow),
      calls: seriesOf(operationsCalled),
      errors: seriesOf(operationsFailed),
    },
  };
}
