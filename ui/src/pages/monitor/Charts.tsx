// Latency, calls and errors of the service over time.
import { useMemo } from 'react';
import { type ChartLine, TimeChart } from '../../chart/TimeChart';
import { percent } from '../../format/count';
import { columns } from '../../monitor/columns';
import { latency, rate } from '../../monitor/format';
import { type Measured, QUANTILES } from '../../monitor/useMonitor';
import type { Range } from '../../range/lookback';
import css from './monitor.module.css';

interface Props {
  measured: Measured;
  range: Range;
  onRange(range: Range): void;
}

const COLOURS = ['--service-0', '--service-5', '--service-4'];

export function Charts({ measured, range, onRange }: Props) {
  const charts = useMemo(() => {
    const slow = columns(measured.latencies);
    const called = columns(measured.calls.slice(0, 1));
    const failed = columns(measured.errors.slice(0, 1));
    const one = (label: string, colour: string, values: (number | null)[] | undefined): ChartLine[] => [
      { label, colour, values: values ?? [], filled: true },
    ];
    return {
      slow: {
        times: slow.times,
        lines: slow.values.map(
          (values, at): ChartLine => ({
            label: `p${(QUANTILES[at] ?? 0) * 100}`,
            colour: COLOURS[at] ?? '--ink',
            values,
          }),
        ),
      },
      called: { times: called.times, lines: one('Calls', '--accent', called.values[0]) },
      failed: { times: failed.times, lines: one('Errors', '--bad', failed.values[0]) },
    };
  }, [measured]);
  return (
    <div className={css.charts}>
      <TimeChart title="Latency" {...charts.slow} format={latency} {...{ range, onRange }} />
      <TimeChart title="Calls" {...charts.called} format={rate} {...{ range, onRange }} />
      <TimeChart title="Error rate" {...charts.failed} format={percent} {...{ range, onRange }} />
    </div>
  );
}
