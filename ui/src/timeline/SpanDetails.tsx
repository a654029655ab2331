// All that a span says of itself.
import { useMemo } from 'react';
import { Link } from 'react-router';
import { Copy } from '../components/Copy';
import { basePath } from '../config/boot';
import type { UiConfig } from '../config/uiConfig';
import { count } from '../format/count';
import { duration } from '../format/duration';
import { line } from '../format/text';
import { timeOfDay } from '../format/time';
import { tagLinks } from '../links/links';
import { useZone } from '../theme/preferences';
import type { Log, Reference, Tag, Trace } from '../trace/Trace';
import css from './details.module.css';
import { Tags } from './Tags';
import { topFirst } from './topFirst';

/** Events shown at once; a span can have thousands. */
const MOST_EVENTS = 200;

export function SpanDetails({ trace, row, config }: { trace: Trace; row: number; config: UiConfig }) {
  const zone = useZone();
  const { tags, logs, references, warnings } = useMemo(() => trace.details(row), [trace, row]);
  const process = trace.process(row);
  const { start, duration: durations, self } = trace.columns;
  const id = trace.ids[row]!;
  const link = `${location.origin}${basePath}/trace/${trace.id}?span=${id}&open=${id}`;
  const links = (type: 'tags' | 'process' | 'logs', beside: Tag[]) => (tag: Tag) =>
    tagLinks(config.linkPatterns, type, tag, trace, row, beside);
  return (
    <section className={css.details} aria-label={`Details of ${line(trace.operation(row))}`}>
      <header className={css.head}>
        <h2 className={css.operation}>{line(trace.operation(row), 400)}</h2>
        <dl className={css.facts}>
          <Fact name="Service" value={line(trace.service(row))} />
          {trace.kind(row) && <Fact name="Kind" value={trace.kind(row)} />}
          <Fact name="Duration" value={duration(durations[row]!)} />
          <Fact name="Self" value={duration(self[row]!)} />
          <Fact name="Starts at" value={`${duration(start[row]! - trace.start)}, ${timeOfDay(start[row]!, zone)}`} />
          <Fact name="Span ID" value={id} mono />
        </dl>
        <span className={css.tools}>
          <Copy text={id} label="Copy ID" />
          <Copy text={link} label="Copy link" />
          <Copy text={() => trace.json(row)} label="Copy JSON" />
        </span>
      </header>
      {warnings.length > 0 && (
        <ul className={css.warnings} aria-label="Warnings">
          {warnings.map(warning => (
            <li key={warning}>⚠ {line(warning, 400)}</li>
          ))}
        </ul>
      )}
      <div className={css.columns}>
        <Tags title="Tags" tags={topFirst(tags, config.topTagPrefixes)} links={links('tags', tags)} />
        <Tags title="Process" tags={process.tags} links={links('process', process.tags)} />
      </div>
      {logs.length > 0 && (
        <div className={css.events}>
          <h3>{count(logs.length, 'event')}</h3>
          {logs.slice(0, MOST_EVENTS).map((log, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two events may be the same in all that they say.
            <Event key={place} log={log} trace={trace} open={place < 4} links={links('logs', log.fields)} />
          ))}
          {logs.length > MOST_EVENTS && <p className="dim">{logs.length - MOST_EVENTS} more stand in the JSON.</p>}
        </div>
      )}
      <References references={references} trace={trace} row={row} />
    </section>
  );
}

function Fact({ name, value, mono = false }: { name: string; value: string; mono?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{mono ? <code>{value}</code> : value}</dd>
    </div>
  );
}

interface EventProps {
  log: Log;
  trace: Trace;
  open: boolean;
  links(tag: Tag): { url: string; text: string }[];
}

function Event({ log, trace, open, links }: EventProps) {
  const name = log.fields.find(field => field.key === 'event' || field.key === 'message')?.value;
  return (
    <details open={open}>
      <summary>
        <code>{duration(log.timestamp - trace.start)}</code> {line(String(name ?? 'event'))}
      </summary>
      <Tags tags={log.fields} links={links} />
    </details>
  );
}

/** Spans that this one refers to beside its parent. */
function References({ references, trace, row }: { references: Reference[]; trace: Trace; row: number }) {
  const parent = trace.columns.parent[row]!;
  const others = references.filter(({ traceID, spanID }) => traceID !== trace.id || spanID !== trace.ids[parent]);
  if (others.length === 0) return null;
  return (
    <div className={css.events}>
      <h3>{count(others.length, 'link')} to other spans</h3>
      <ul>
        {others.slice(0, MOST_EVENTS).map(({ refType, traceID, spanID }) => (
          <li key={`${traceID} ${spanID}`}>
            {refType === 'FOLLOWS_FROM' ? 'follows from' : 'child of'}{' '}
            <Link to={`/trace/${traceID}?span=${spanID}&open=${spanID}`}>
              <code>
                {traceID === trace.id ? '' : `${traceID.slice(0, 16)}… / `}
                {spanID}
              </code>
            </Link>
            {traceID === trace.id && trace.row(spanID) < 0 && <span className="dim"> (not in this trace)</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
