// One span: its place in the tree and its name, and when it ran.
import { type CSSProperties, memo } from 'react';
import { number } from '../format/count';
import { duration } from '../format/duration';
import { line } from '../format/text';
import { ERROR, ORPHAN, type Trace, WARNED } from '../trace/Trace';
import css from './timeline.module.css';

/** A part of the critical path, in µs since 1970. */
export interface Section {
  from: number;
  to: number;
}

interface Props {
  trace: Trace;
  row: number;
  place: number;
  top: number;
  /** µs since 1970 of the bars' edges. */
  from: number;
  to: number;
  colour: string;
  closed: boolean;
  open: boolean;
  focused: boolean;
  tab: boolean;
  match: 'none' | 'hit' | 'miss';
  /** A span below it failed. */
  failedBelow: boolean;
  critical: Section[] | undefined;
  act: { toggle(row: number): void; toggleDetails(row: number): void };
}

const INDENT = 12;
/** Deeper spans stand no further right. */
const MOST_INDENT = 20;
/** Ticks for events of one span. */
const MOST_EVENTS = 40;

export const SpanRow = memo(function SpanRow(props: Props) {
  const { trace, row, place, top, colour, closed, open, focused, tab, match, failedBelow, act } = props;
  const { depth, end } = trace.columns;
  const below = end[row]! - row - 1;
  const failed = trace.has(row, ERROR);
  const operation = line(trace.operation(row));
  const service = line(trace.service(row), 80);
  return (
    // biome-ignore lint/a11y/useSemanticElements: see Timeline.
    // biome-ignore lint/a11y/useFocusableInteractive: the button in it is.
    <div
      role="row"
      className={`${css.row} ${focused ? css.focused : ''} ${css[match]}`}
      style={{ top, '--service': colour } as CSSProperties}
      aria-level={depth[row]! + 1}
      aria-rowindex={place + 1}
      aria-expanded={below > 0 ? !closed : undefined}
      data-row={row}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see Timeline. */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the button in it is. */}
      <div role="gridcell" className={css.name}>
        <span className={css.indent} style={{ width: Math.min(depth[row]!, MOST_INDENT) * INDENT }} />
        {below > 0 ? (
          <button
            type="button"
            className={css.caret}
            tabIndex={-1}
            onClick={() => act.toggle(row)}
            aria-label={closed ? `Show ${number(below)} spans below` : 'Hide spans below'}
          >
            {closed ? '▸' : '▾'}
          </button>
        ) : (
          <span className={css.caret} />
        )}
        <button
          type="button"
          className={css.title}
          tabIndex={tab ? 0 : -1}
          aria-expanded={open}
          onClick={() => act.toggleDetails(row)}
          title={`${service}: ${operation}`}
        >
          <span className={css.service}>{service}</span>
          {trace.peer(row) && below === 0 && <span className={css.peer}>→ {line(trace.peer(row)!, 60)}</span>}
          <span className={css.operation}>{operation}</span>
        </button>
        {closed && below > 0 && <span className={css.hidden}>+{number(below)}</span>}
        <Marks failed={failed} failedBelow={failedBelow && closed} trace={trace} row={row} />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: see Timeline. */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the button in the name does the same. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button in the name does the same. */}
      <div role="gridcell" className={css.time} onClick={() => act.toggleDetails(row)}>
        <Bar {...props} />
      </div>
    </div>
  );
});

function Marks({
  failed,
  failedBelow,
  trace,
  row,
}: {
  failed: boolean;
  failedBelow: boolean;
  trace: Trace;
  row: number;
}) {
  return (
    <>
      {failed && (
        <span className={css.error} title="Failed">
          <span aria-hidden="true">!</span>
          <span className="heard">failed</span>
        </span>
      )}
      {!failed && failedBelow && (
        <span className={css.errorBelow} title="A span below failed">
          <span aria-hidden="true">!</span>
          <span className="heard">a span below failed</span>
        </span>
      )}
      {trace.has(row, ORPHAN) && (
        <span className={css.orphan} title="The parent that this span names is not in the trace">
          no parent
        </span>
      )}
      {trace.has(row, WARNED) && (
        <span className={css.warned} title="It has warnings: see its details">
          <span aria-hidden="true">⚠</span>
          <span className="heard">has warnings</span>
        </span>
      )}
    </>
  );
}

function Bar({ trace, row, from, to, critical }: Props) {
  const { start, duration: durations, eventFrom, eventTime } = trace.columns;
  const wide = to - from;
  const percent = (us: number) => ((us - from) / wide) * 100;
  const left = percent(start[row]!);
  const right = percent(start[row]! + durations[row]!);
  const label = duration(durations[row]!);
  if (right < 0 || left > 100) return <span className="heard">{label}</span>;
  const [begin, stop] = [Math.max(0, left), Math.min(100, right)];
  const events = [];
  for (let event = eventFrom[row]!; event < eventFrom[row + 1]! && events.length < MOST_EVENTS; event++) {
    const at = percent(eventTime[event]!);
    if (at >= 0 && at <= 100) events.push(<i key={event} className={css.event} style={{ left: `${at}%` }} />);
  }
  return (
    <>
      <span
        className={`${css.bar} ${trace.has(row, ERROR) ? css.failed : ''}`}
        style={{ left: `${begin}%`, width: `${stop - begin}%` }}
      />
      {critical?.map(section => {
        const [a, b] = [Math.max(0, percent(section.from)), Math.min(100, percent(section.to))];
        return b < 0 || a > 100 ? null : (
          <span key={section.from} className={css.critical} style={{ left: `${a}%`, width: `${b - a}%` }} />
        );
      })}
      {events}
      <span
        className={`${css.label} ${stop >= 85 && begin <= 15 ? css.inside : ''}`}
        // Beside the bar, where there is more room.
        style={
          stop < 85 ? { left: `${stop}%` } : begin > 15 ? { right: `${100 - begin}%` } : { right: `${100 - stop}%` }
        }
      >
        {label}
      </span>
    </>
  );
}
