// When found traces began and how long they took, a dot each. A dot opens its trace. Everything that it shows stands
// in the list below too, so those who hear the page get that.
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import type { Summary } from '../api/summaries';
import { count } from '../format/count';
import { duration } from '../format/duration';
import { line } from '../format/text';
import { timeOfDay } from '../format/time';
import { useZone } from '../theme/preferences';
import css from './Scatter.module.css';
import { linearTicks, powerTicks, timeTicks } from './ticks';

const HEIGHT = 170;
const LEFT = 62;
const RIGHT = 18;
const TOP = 18;
const BOTTOM = 24;
/** Durations that differ by more are shown by powers. */
const SPREAD = 20;

interface Props {
  summaries: Summary[];
  /** The path of a trace. */
  pathOf(summary: Summary): string;
}

export default function Scatter({ summaries, pathOf }: Props) {
  const zone = useZone();
  const navigate = useNavigate();
  const [width, frame] = useWidth();
  const [over, setOver] = useState<Summary>();
  const starts = summaries.map(summary => summary.start);
  const [first, last] = padded(Math.min(...starts), Math.max(...starts));
  const durations = summaries.map(summary => Math.max(1, summary.duration));
  const [shortest, longest] = [Math.min(...durations), Math.max(...durations)];
  const powers = longest / shortest > SPREAD;
  const [low, high] = powers ? [shortest / 1.6, longest * 1.6] : [0, longest * 1.15];
  const most = Math.max(...summaries.map(summary => summary.spanCount), 1);
  const x = (us: number) => LEFT + ((us - first) / (last - first)) * (width - LEFT - RIGHT);
  const y = (us: number) => {
    const part = powers ? Math.log(us / low) / Math.log(high / low) : us / high;
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
  };
  return (
    <div className={css.scatter} ref={frame} aria-hidden="true" data-scale={powers ? 'powers' : 'linear'}>
      <svg width={width} height={HEIGHT} role="presentation">
        {(powers ? powerTicks(low, high) : linearTicks(0, high, 4)).map(tick => (
          <g key={tick} className={css.tick}>
            <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">
              {duration(tick)}
            </text>
          </g>
        ))}
        {timeTicks(first, last, Math.max(2, width / 130)).map(tick => (
          <g key={tick} className={css.tick}>
            <line x1={x(tick)} x2={x(tick)} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM + 4} />
            <text x={x(tick)} y={HEIGHT - 6} textAnchor="middle">
              {timeOfDay(tick, zone).slice(0, last - first < 10e6 ? 12 : 8)}
            </text>
          </g>
        ))}
        {summaries.map(summary => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the list below has the links.
          <circle
            key={summary.traceId}
            cx={x(summary.start)}
            cy={y(Math.max(1, summary.duration))}
            r={4 + 9 * Math.sqrt(summary.spanCount / most)}
            className={summary.errorSpanCount > 0 ? css.failed : css.dot}
            onMouseEnter={() => setOver(summary)}
            onMouseLeave={() => setOver(undefined)}
            onClick={() => navigate(pathOf(summary))}
          />
        ))}
      </svg>
      {over && (
        <div
          className={css.tip}
          style={{
            left: Math.min(x(over.start) + 12, width - 260),
            top: Math.max(0, y(Math.max(1, over.duration)) - 48),
          }}
        >
          <strong className="cut">
            {line(over.rootService)}: {line(over.rootOperation)}
          </strong>
          <span>
            {duration(over.duration)}, {count(over.spanCount, 'span')}
            {over.errorSpanCount > 0 && `, ${count(over.errorSpanCount, 'error')}`}
          </span>
        </div>
      )}
    </div>
  );
}

/** One trace stands in the middle of some time, not of none. */
function padded(first: number, last: number): [number, number] {
  const room = Math.max((last - first) * 0.03, 500_000);
  return [first - room, last + room];
}

function useWidth() {
  const [width, setWidth] = useState(800);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!frame.current) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, entry.contentRect.width)));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return [width, frame] as const;
}
