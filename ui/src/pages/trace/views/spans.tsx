// Every span as a line, sorted by whatever a column says.
import { useMemo } from 'react';
import { Empty } from '../../../components/states';
import { number } from '../../../format/count';
import { duration } from '../../../format/duration';
import { line } from '../../../format/text';
import { Rows } from '../../../rows/Rows';
import { type Column, filtered, sort as order } from '../../../spantable/order';
import { SortHead } from '../../../table/SortHead';
import { useSort } from '../../../table/useSort';
import { serviceColours } from '../../../theme/colours';
import { ERROR } from '../../../trace/Trace';
import { useUrl } from '../../../url/useUrl';
import type { ViewProps } from '../view';
import { Filter } from './Filter';
import css from './views.module.css';

const COLUMNS: readonly [Column, ...Column[]] = [
  'start',
  'service',
  'operation',
  'duration',
  'self',
  'events',
  'error',
];

export default function Spans({ trace, select }: ViewProps) {
  const { params, get, set } = useUrl();
  const sort = useSort(COLUMNS, 'sort', false);
  const text = get('filter');
  const { column, descending } = sort;
  const rows = useMemo(
    () => order(trace, filtered(trace, { services: params.getAll('only'), text }), column, descending),
    [trace, params, text, column, descending],
  );
  const colours = useMemo(() => serviceColours(trace.services), [trace]);
  const { start, duration: took, self, service: serviceOf, eventFrom } = trace.columns;
  return (
    <section aria-label="Spans">
      <Filter services={trace.services} found={rows.length} of={trace.size} noun="span" />
      {rows.length === 0 ? (
        <Empty title="No span fits the filter">
          <button type="button" onClick={() => set({ filter: undefined, only: undefined })}>
            Show all spans
          </button>
        </Empty>
      ) : (
        <Rows
          title="Spans"
          head={
            <>
              <SortHead sort={sort} column="service">
                Service
              </SortHead>
              <SortHead sort={sort} column="operation">
                Operation
              </SortHead>
              <SortHead sort={sort} column="start" number title="From the start of the trace">
                Start
              </SortHead>
              <SortHead sort={sort} column="duration" number>
                Duration
              </SortHead>
              <SortHead sort={sort} column="self" number title="Time in which no child of it ran">
                Self
              </SortHead>
              <SortHead sort={sort} column="events" number>
                Events
              </SortHead>
              <SortHead sort={sort} column="error">
                Status
              </SortHead>
            </>
          }
          columns={[200, 0, 96, 96, 96, 84, 84]}
          count={rows.length}
          height={28}
          rowKey={at => rows[at]!}
          row={at => {
            const row = rows[at]!;
            return (
              <>
                <td title={line(trace.service(row))}>
                  <span className={css.dot} style={{ background: colours[serviceOf[row]!] }} />
                  <bdi>{line(trace.service(row))}</bdi>
                </td>
                <td title={line(trace.operation(row))}>
                  <button type="button" className="plain" onClick={() => select(row)}>
                    <bdi>{line(trace.operation(row)) || <i>no name</i>}</bdi>
                  </button>
                </td>
                <td className="number">{duration(start[row]! - trace.start)}</td>
                <td className="number">{duration(took[row]!)}</td>
                <td className="number">{duration(self[row]!)}</td>
                <td className="number">{number(eventFrom[row + 1]! - eventFrom[row]!)}</td>
                <td>{trace.has(row, ERROR) && <span className="bad">error</span>}</td>
              </>
            );
          }}
        />
      )}
    </section>
  );
}
