// The head of the two columns: the names' width, and times along the bars.
import type { ReactNode } from 'react';
import { duration } from '../format/duration';
import css from './timeline.module.css';
import type { Zoom } from './zoom';

const QUARTERS = [0, 0.25, 0.5, 0.75, 1];

export function Ticks({ zoom, separator }: { zoom: Zoom; separator: ReactNode }) {
  return (
    <div className={css.head}>
      <div className={css.headName}>Service and operation</div>
      {separator}
      <div className={css.ticks} aria-hidden="true">
        {QUARTERS.map(part => (
          <span key={part} style={{ left: `${part * 100}%` }} data-end={part === 1 || undefined}>
            {duration(zoom.from + (zoom.to - zoom.from) * part)}
          </span>
        ))}
      </div>
    </div>
  );
}
