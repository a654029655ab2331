// Series over time on a canvas, by uPlot. A drag chooses a part of the time.
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { cssValue } from '../theme/colours';
import { usePreferences } from '../theme/preferences';
import css from './chart.module.css';
import { type Line, summary } from './summary';
import { useColourChange } from './useColourChange';

export interface ChartLine extends Line {
  /** A custom property: `--accent`. */
  colour: string;
  /** Filled below. */
  filled?: boolean;
}

interface Props {
  title: string;
  /** Seconds since 1970, rising. */
  times: number[];
  lines: ChartLine[];
  format(value: number): string;
  /** Milliseconds since 1970. */
  range: { start: number; end: number };
  onRange(range: { start: number; end: number }): void;
}

const HEIGHT = 200;
/** A drag over less is a click that shook. */
const LEAST_SECONDS = 60;

export function TimeChart({ title, times, lines, format, range, onRange }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const { zone } = usePreferences();
  const colours = useColourChange();
  const { start, end } = range;

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the style, so their change draws anew.
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const axis = { stroke: cssValue('--dim'), grid: { stroke: cssValue('--line'), width: 1 }, ticks: { show: false } };
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        tzDate: seconds =>
          zone === 'utc' ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000),
        cursor: { y: false, drag: { x: true, y: false, setScale: false } },
        scales: {
          x: { min: start / 1000, max: end / 1000 },
          y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
        },
        axes: [
          { ...axis, values: DAY_AND_TIME },
          { ...axis, size: 64, values: (_, splits) => splits.map(format) },
        ],
        series: [
          { label: 'Time', value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
          ...lines.map(({ label, colour, filled }) => ({
            label,
            stroke: cssValue(colour),
            fill: filled ? `color-mix(in srgb, ${cssValue(colour)} 15%, transparent)` : undefined,
            width: 2,
            points: { show: times.length < 3, size: 6 },
            value: (_: uPlot, value: number | null) => (value === null ? '–' : format(value)),
          })),
        ],
        hooks: {
          setSelect: [
            plot => {
              const [from, to] = [
                plot.posToVal(plot.select.left, 'x'),
                plot.posToVal(plot.select.left + plot.select.width, 'x'),
              ];
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              if (to - from >= LEAST_SECONDS) onRange({ start: from * 1000, end: to * 1000 });
            },
          ],
        },
      },
      [times, ...lines.map(({ values }) => values)],
      element,
    );
    const resized = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [times, lines, format, start, end, onRange, zone, colours]);

  return (
    <figure className={css.chart}>
      <figcaption>{title}</figcaption>
      <div ref={frame} role="img" aria-label={summary(title, lines, format)} />
    </figure>
  );
}

/** Hours and minutes, with the day below where it changes. */
const DAY_AND_TIME: uPlot.Axis.Values = [
  [86_400, '{YYYY}-{MM}-{DD}', null, null, null, null, null, null, 0],
  [60, '{HH}:{mm}', null, null, '\n{MM}-{DD}', null, null, null, 0],
  [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 0],
];
