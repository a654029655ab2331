// The events of all spans in the order of time. What an event says is read when it is looked at.
import type { Trace } from '../trace/Trace';

/** Event `event` of the span at `row`. */
export interface Entry {
  row: number;
  event: number;
  /** Microseconds since 1970. */
  time: number;
}

export function entries(trace: Trace): Entry[] {
  const { eventFrom, eventTime } = trace.columns;
  const all: Entry[] = [];
  for (let row = 0; row < trace.size; row++) {
    const from = eventFrom[row]!;
    for (let at = from; at < eventFrom[row + 1]!; at++) all.push({ row, event: at - from, time: eventTime[at]! });
  }
  // Of one moment: in the order of the tree.
  return all.sort((a, b) => a.time - b.time);
}
