// The service's operations, and the way from each to its traces.
import { useMemo } from 'react';
import { Link } from 'react-router';
import bar from '../../bar/bar.module.css';
import { percent } from '../../format/count';
import { line as shorten } from '../../format/text';
import { latency, rate, reached } from '../../monitor/format';
import { type OperationLine, operationLines } from '../../monitor/operations';
import { type Column, sortLines } from '../../monitor/sorted';
import type { Measured } from '../../monitor/useMonitor';
import { Rows } from '../../rows/Rows';
import { Part } from '../../table/Part';
import { SortHead } from '../../table/SortHead';
import { useSort } from '../../table/useSort';
import { useUrl } from '../../url/useUrl';
import css from './monitor.module.css';
import { Spark } from './Spark';

interface Props {
  measured: Measured;
  /** `/search` for an operation; of those that took at least so many milliseconds, or of failed ones. */
  search(operation: string, only: { atLeastMs?: number; failed?: boolean }): string;
}

const COLUMNS: readonly [Column, ...Column[]] = ['impact', 'operation', 'p95', 'rate', 'errors'];

export function Operations({ measured, search }: Props) {
  const { get, set } = useUrl();
  const sort = useSort(COLUMNS);
  const text = get('filter');
  const all = useMemo(() => {
    const { latencies, calls, errors } = measured.byOperation;
    return operationLines(latencies, calls, errors);
  }, [measured]);
  const found = all.filter(({ operation }) => operation.toLowerCase().includes(text.trim().toLowerCase()));
  const lines = sortLines(found, sort.column, sort.descending);
  return (
    <section className={css.operations} aria-label="Operations">
      <div className={bar.bar}>
        <h2>Operations</h2>
        <label>
          Filter
          <input type="search" value={text} onChange={event => set({ filter: event.target.value })} />
        </label>
        <span className="dim" role="status">
          {found.length} of {all.length}
        </span>
      </div>
      <Rows
        title="Figures by operation"
        head={
          <>
            <SortHead sort={sort} column="operation">
              Operation
            </SortHead>
            <SortHead sort={sort} column="p95" number title="19 of 20 calls are faster">
              p95 latency
            </SortHead>
            <SortHead sort={sort} column="rate" number>
              Calls
            </SortHead>
            <th scope="col">over time</th>
            <SortHead sort={sort} column="errors" number>
              Error rate
            </SortHead>
            <SortHead sort={sort} column="impact" title="Its part of latency times calls of all operations">
              Impact
            </SortHead>
            <th scope="col">Traces</th>
          </>
        }
        columns={[0, 124, 90, 116, 110, 150, 140]}
        count={lines.length}
        height={32}
        rowKey={at => lines[at]!.operation}
        row={at => <Line line={lines[at]!} search={search} />}
      />
      {found.length === 0 && <p className={css.none}>No operation has “{text}” in its name. Change the filter.</p>}
    </section>
  );
}

function Line({ line, search }: { line: OperationLine; search: Props['search'] }) {
  const { operation, p95, errors } = line;
  return (
    <>
      <td title={shorten(operation)}>
        <bdi>{shorten(operation)}</bdi>
      </td>
      <td className="number">{p95 === null ? '–' : latency(p95)}</td>
      <td className="number">{line.rate === null ? '–' : rate(line.rate)}</td>
      <td>
        <Spark values={line.rates} />
      </td>
      <td className={errors ? 'number bad' : 'number'}>{errors === null ? '–' : percent(errors)}</td>
      <td>
        {line.impact !== null && (
          <>
            <Part of={line.impact} />
            {percent(line.impact)}
          </>
        )}
      </td>
      <td>
        <Link to={search(operation, {})}>all</Link>
        {p95 && reached(p95) > 0 ? (
          <>
            {' · '}
            <Link to={search(operation, { atLeastMs: reached(p95) })}>slow</Link>
          </>
        ) : null}
        {errors ? (
          <>
            {' · '}
            <Link to={search(operation, { failed: true })}>failed</Link>
          </>
        ) : null}
      </td>
    </>
  );
}
