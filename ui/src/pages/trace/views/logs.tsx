// The events of all spans in the order of time, and what the chosen one says.
import { useMemo } from 'react';
import { Copy } from '../../../components/Copy';
import { Empty } from '../../../components/states';
import { percent } from '../../../format/count';
import { duration } from '../../../format/duration';
import { line } from '../../../format/text';
import { timeOfDay } from '../../../format/time';
import { tagLinks } from '../../../links/links';
import { type Entry, entries } from '../../../logs/entries';
import { Reader, textOf } from '../../../logs/text';
import { Rows } from '../../../rows/Rows';
import { useSlices } from '../../../slices/useSlices';
import { serviceColours } from '../../../theme/colours';
import { useZone } from '../../../theme/preferences';
import { Tags } from '../../../timeline/Tags';
import type { Trace } from '../../../trace/Trace';
import { useUrl } from '../../../url/useUrl';
import type { ViewProps } from '../view';
import { Filter } from './Filter';
import css from './views.module.css';

export default function Logs({ trace, config, select }: ViewProps) {
  const { params, get, set } = useUrl();
  const zone = useZone();
  const text = get('filter').trim().toLowerCase();
  const all = useMemo(() => entries(trace), [trace]);
  const of = useMemo(() => {
    const only = params.getAll('only');
    return only.length === 0 ? all : all.filter(({ row }) => only.includes(trace.service(row)));
  }, [trace, all, params]);
  // Only a filter reads every event.
  const read = useMemo(() => {
    if (!text) return undefined;
    const reader = new Reader(trace);
    return (at: number) =>
      `${trace.operation(of[at]!.row)} ${textOf(reader.log(of[at]!))}`.toLowerCase().includes(text);
  }, [trace, of, text]);
  const { list: fits, done } = useSlices(of.length, read);
  const shown = useMemo(() => (text ? of.filter((_, at) => fits?.[at]) : of), [of, text, fits]);
  const reader = useMemo(() => new Reader(trace), [trace]);
  const colours = useMemo(() => serviceColours(trace.services), [trace]);
  const chosen = get('event');
  const open = shown.find(entry => idOf(trace, entry) === chosen);
  if (all.length === 0) {
    return (
      <Empty title="No span of this trace has events">
        <p>
          Events are what a client logs on a span: <code>span.log(…)</code>, or <code>span.addEvent(…)</code> with
          OpenTelemetry.
        </p>
      </Empty>
    );
  }
  return (
    <section aria-label="Logs">
      <Filter
        services={trace.services}
        found={shown.length}
        of={all.length}
        noun="event"
        working={text && !fits ? `reading, ${percent(done)}` : undefined}
      />
      <div className={css.split}>
        {shown.length === 0 && (!text || fits) ? (
          <Empty title="No event fits the filter">
            <button type="button" onClick={() => set({ filter: undefined, only: undefined })}>
              Show all events
            </button>
          </Empty>
        ) : (
          <Rows
            title="Events in the order of time"
            head={
              <>
                <th scope="col">Time</th>
                <th scope="col" className="number">
                  After start
                </th>
                <th scope="col">Service</th>
                <th scope="col">Event</th>
              </>
            }
            columns={[130, 100, 160, 0]}
            count={shown.length}
            height={28}
            rowKey={at => idOf(trace, shown[at]!)}
            rowClass={at => (shown[at] === open ? css.chosen : undefined)}
            row={at => {
              const entry = shown[at]!;
              const id = idOf(trace, entry);
              return (
                <>
                  <td>{timeOfDay(entry.time, zone)}</td>
                  <td className="number">{duration(entry.time - trace.start)}</td>
                  <td title={line(trace.service(entry.row))}>
                    <span className={css.dot} style={{ background: colours[trace.columns.service[entry.row]!] }} />
                    <bdi>{line(trace.service(entry.row))}</bdi>
                  </td>
                  <td>
                    <button
                      type="button"
                      className="plain"
                      aria-expanded={id === chosen}
                      onClick={() => set({ event: id === chosen ? undefined : id })}
                    >
                      <bdi>{textOf(reader.log(entry)) || <i>nothing</i>}</bdi>
                    </button>
                  </td>
                </>
              );
            }}
          />
        )}
        {open && (
          <Event trace={trace} config={config} entry={open} select={select} onClose={() => set({ event: undefined })} />
        )}
      </div>
    </section>
  );
}

/** The same in another tab: rows may be others there, when more spans have come. */
function idOf(trace: Trace, { row, event }: Entry): string {
  return `${trace.ids[row]}.${event}`;
}

interface EventProps extends ViewProps {
  entry: Entry;
  onClose(): void;
}

function Event({ trace, config, entry, select, onClose }: EventProps) {
  const fields = useMemo(() => new Reader(trace).log(entry)?.fields ?? [], [trace, entry]);
  return (
    <aside className={css.aside} aria-label="The chosen event">
      <div className={css.asideHead}>
        <h2 className="cut" title={line(trace.operation(entry.row))}>
          <bdi>{line(trace.operation(entry.row))}</bdi>
        </h2>
        <button type="button" className="plain" onClick={onClose} aria-label="Close">
          ✕
        </button>
      </div>
      <div className={css.actions}>
        <button type="button" onClick={() => select(entry.row)}>
          Show its span
        </button>
        <Copy text={() => JSON.stringify(fields, null, 2)} label="Copy JSON" />
      </div>
      <Tags tags={fields} links={tag => tagLinks(config.linkPatterns, 'logs', tag, trace, entry.row, fields)} />
    </aside>
  );
}
