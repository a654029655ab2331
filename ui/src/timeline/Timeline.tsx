// The timeline: a sticky head with the minimap and the ticks, below it the rows near the window.
import { type CSSProperties, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { UiConfig } from '../config/uiConfig';
import { serviceColours } from '../theme/colours';
import { ERROR, type Trace } from '../trace/Trace';
import { useEmbed } from '../url/embed';
import { DetailsRow } from './DetailsRow';
import { Minimap } from './Minimap';
import { type Section, SpanRow } from './SpanRow';
import { Ticks } from './Ticks';
import css from './timeline.module.css';
import { useNameWidth } from './useNameWidth';
import type { Timeline as State } from './useTimeline';
import { type Opened, ROW, topOf, useViewport } from './useViewport';
import { placeOf } from './visible';

interface Props {
  trace: Trace;
  config: UiConfig;
  state: State;
}

/** Of details that have not been measured. */
const GUESSED_HEIGHT = 220;

export function Timeline({ trace, config, state }: Props) {
  const { rows, open, zoom, focus, wanted } = state;
  const { hideMinimap } = useEmbed();
  const { width, separator } = useNameWidth();
  const colours = useMemo(() => serviceColours(trace.services), [trace]);
  const critical = useMemo(() => (config.criticalPathEnabled ? criticalOf(trace) : undefined), [config, trace]);
  const errorsBefore = useMemo(() => sumOfErrors(trace), [trace]);
  const [heights, setHeights] = useState<Record<number, number>>({});
  const measured = useCallback(
    (row: number, height: number) =>
      setHeights(heights => (heights[row] === height ? heights : { ...heights, [row]: height })),
    [],
  );
  const opened = useMemo(() => {
    const places = [...open].map(row => placeOf(rows, row)).filter((place, at) => rows[place] === [...open][at]);
    places.sort((a, b) => a - b);
    return { places, heights: places.map(place => heights[rows[place]!] ?? GUESSED_HEIGHT) } satisfies Opened;
  }, [open, rows, heights]);
  const { frame, from, to, show } = useViewport(rows.length, opened);
  useShowFocus(focus, rows, show);

  const { toggle, toggleDetails } = state;
  const act = useMemo(() => ({ toggle, toggleDetails }), [toggle, toggleDetails]);
  const shown = [];
  for (let place = from; place < to; place++) {
    const row = rows[place]!;
    const top = topOf(place, opened);
    const colour = colours[trace.columns.service[row]!]!;
    shown.push(
      <SpanRow
        key={`${row}`}
        trace={trace}
        row={row}
        place={place}
        top={top}
        from={trace.start + zoom.from}
        to={trace.start + zoom.to}
        colour={colour}
        closed={state.closed[row] === 1}
        open={open.has(row)}
        focused={row === focus}
        // One row can be tabbed to, and from there keys go on.
        tab={row === focus || (focus < 0 && place === 0)}
        match={wanted ? (wanted[row] ? 'hit' : 'miss') : 'none'}
        failedBelow={errorsBefore[trace.columns.end[row]!]! - errorsBefore[row + 1]! > 0}
        critical={critical?.get(row)}
        act={act}
      />,
    );
    if (open.has(row)) {
      shown.push(
        <DetailsRow
          key={`${row} details`}
          trace={trace}
          row={row}
          top={top + ROW}
          colour={colour}
          config={config}
          measured={measured}
        />,
      );
    }
  }
  const style = { '--name': `${width}px` } as CSSProperties;
  return (
    <div className={css.timeline} style={style}>
      <div className={css.sticky}>
        {!hideMinimap && <Minimap trace={trace} colours={colours} zoom={zoom} setZoom={state.setZoom} />}
        <Ticks zoom={zoom} separator={separator} />
      </div>
      <div
        className={css.rows}
        ref={frame}
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={rows.length}
        style={{ height: topOf(rows.length, opened) }}
      >
        {shown}
      </div>
    </div>
  );
}

/** Whenever another row is looked at it comes into view; not when somebody scrolls away from it. */
function useShowFocus(focus: number, rows: Int32Array, show: (place: number) => void) {
  const before = useRef(-1);
  useEffect(() => {
    if (focus === before.current) return;
    before.current = focus;
    if (focus >= 0 && rows.length > 0) show(placeOf(rows, focus));
  }, [focus, rows, show]);
}

function criticalOf(trace: Trace): Map<number, Section[]> {
  const { criticalRow, criticalFrom, criticalTo } = trace.columns;
  const sections = new Map<number, Section[]>();
  for (let at = 0; at < criticalRow.length; at++) {
    const row = criticalRow[at]!;
    const section = { from: criticalFrom[at]!, to: criticalTo[at]! };
    const known = sections.get(row);
    if (known) known.push(section);
    else sections.set(row, [section]);
  }
  return sections;
}

/** At each row how many spans before it failed, so that those below a span are a subtraction. */
function sumOfErrors(trace: Trace): Int32Array {
  const sums = new Int32Array(trace.size + 1);
  for (let row = 0; row < trace.size; row++) sums[row + 1] = sums[row]! + (trace.columns.flags[row]! & ERROR ? 1 : 0);
  return sums;
}
