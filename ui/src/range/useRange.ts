// The range of the URL. "Until now" is a moment, and stays it until the reader asks for a newer one: else every drawing
// of the page would ask the server again.
import { useCallback, useMemo, useState } from 'react';
import { useUrl } from '../url/useUrl';
import { type Range, range } from './lookback';

export interface RangeState extends Range {
  /** `1h`, or `custom`. */
  lookback: string;
  /** Ends now. */
  refresh(): void;
  setLookback(lookback: string): void;
  /** Milliseconds since 1970. */
  setRange(range: Range): void;
}

export function useRange(missing: string): RangeState {
  const { get, push } = useUrl();
  const [now, setNow] = useState(Date.now);
  const lookback = get('lookback') || missing;
  const [start, end] = [get('start'), get('end')];
  const shown = useMemo(() => range(lookback, start, end, missing, now), [lookback, start, end, missing, now]);
  const refresh = useCallback(() => setNow(Date.now()), []);
  const setRange = useCallback(
    (next: Range) =>
      push({ lookback: 'custom', start: Math.round(next.start * 1000), end: Math.round(next.end * 1000) }),
    [push],
  );
  const setLookback = useCallback(
    (next: string) => {
      refresh();
      push({ lookback: next === missing ? undefined : next, start: undefined, end: undefined });
    },
    [push, refresh, missing],
  );
  return { ...shown, lookback, refresh, setLookback, setRange };
}
