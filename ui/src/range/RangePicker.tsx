// Chooses the range: one of the usual ones, or two moments in the reader's time zone.
import { useId, useState } from 'react';
import { fromInput, toInput, zoneName } from '../format/time';
import { useZone } from '../theme/preferences';
import { LOOKBACKS } from './lookback';
import css from './range.module.css';
import type { RangeState } from './useRange';

export function RangePicker({ range }: { range: RangeState }) {
  const zone = useZone();
  const custom = range.lookback === 'custom';
  const known = custom || LOOKBACKS.some(([value]) => value === range.lookback);
  return (
    <div className={css.range}>
      <label>
        Time
        <select
          value={range.lookback}
          onChange={({ target: { value } }) => (value === 'custom' ? range.setRange(range) : range.setLookback(value))}
        >
          {!known && <option value={range.lookback}>Last {range.lookback}</option>}
          {LOOKBACKS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          <option value="custom">From … to …</option>
        </select>
      </label>
      {custom ? (
        // Another range or zone is another pair of inputs, so that they show what the URL says.
        <Moments key={`${range.start} ${range.end} ${zone}`} range={range} />
      ) : (
        <button type="button" onClick={range.refresh} title="Ask again, until now">
          Refresh
        </button>
      )}
    </div>
  );
}

function Moments({ range }: { range: RangeState }) {
  const zone = useZone();
  const hint = useId();
  const [start, setStart] = useState(toInput(range.start * 1000, zone));
  const [end, setEnd] = useState(toInput(range.end * 1000, zone));
  const [from, to] = [fromInput(start, zone), fromInput(end, zone)];
  const fits = from !== undefined && to !== undefined && from < to;
  const apply = () => fits && range.setRange({ start: from / 1000, end: to / 1000 });
  return (
    <form
      className={css.range}
      onSubmit={event => {
        event.preventDefault();
        apply();
      }}
    >
      <label>
        From
        <input type="datetime-local" step="1" value={start} onChange={event => setStart(event.target.value)} />
      </label>
      <label>
        to
        <input
          type="datetime-local"
          step="1"
          value={end}
          aria-invalid={!fits}
          aria-describedby={hint}
          onChange={event => setEnd(event.target.value)}
        />
      </label>
      <button type="submit" disabled={!fits}>
        Show
      </button>
      <span id={hint} className={fits ? 'dim' : 'bad'}>
        {fits ? zoneName(zone) : 'the end must be behind the start'}
      </span>
    </form>
  );
}
