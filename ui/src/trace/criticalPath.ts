// The critical path: what the trace waited for at each moment, walked from its end to its start. At a moment that is
// the child that ended last before it, else the span itself.

export interface Sections {
  row: Int32Array;
  /** µs since 1970. */
  from: Float64Array;
  to: Float64Array;
}

interface Columns {
  start: Float64Array;
  duration: Float64Array;
  end: Int32Array;
  parent: Int32Array;
}

/** Of the root that runs longest; sections in the order of time. */
export function criticalPath(columns: Columns): Sections {
  const { start, duration, end, parent } = columns;
  const rows: number[] = [];
  const froms: number[] = [];
  const tos: number[] = [];
  const root = longestRoot(columns);
  if (root >= 0) {
    // A frame is a span, the moment it is walked back from, and its children by their end, last first.
    const stack: Frame[] = [frame(root, start[root]! + duration[root]!)];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const child = next(top);
      if (child < 0) {
        section(top.row, start[top.row]!, top.at);
        stack.pop();
        const below = stack[stack.length - 1];
        if (below) below.at = Math.min(below.at, Math.max(start[top.row]!, start[below.row]!));
        continue;
      }
      const stop = Math.min(start[child]! + duration[child]!, top.end, top.at);
      section(top.row, stop, top.at);
      top.at = stop;
      stack.push(frame(child, stop));
    }
  }
  rows.reverse();
  froms.reverse();
  tos.reverse();
  return { row: Int32Array.from(rows), from: Float64Array.from(froms), to: Float64Array.from(tos) };

  function section(row: number, from: number, to: number) {
    if (to <= from) return;
    rows.push(row);
    froms.push(from);
    tos.push(to);
  }

  function frame(row: number, at: number): Frame {
    const children: number[] = [];
    for (let child = row + 1; child < end[row]!; child = end[child]!) children.push(child);
    children.sort((a, b) => start[a]! + duration[a]! - start[b]! - duration[b]!);
    return { row, end: at, at, children };
  }

  /** The child that was waited for at the frame's moment: the last to end by then. */
  function next(top: Frame): number {
    for (;;) {
      const child = top.children.pop();
      if (child === undefined) return -1;
      const begins = start[child]!;
      // One that outlives its parent was waited for until that ended.
      const ends = Math.min(begins + duration[child]!, top.end);
      if (begins >= top.at || ends <= start[top.row]!) continue;
      // It overlaps with what was waited for already.
      if (ends > top.at) continue;
      return child;
    }
  }

  function longestRoot({ duration }: Columns): number {
    let longest = -1;
    for (let row = 0; row < parent.length; row = end[row]!) {
      if (longest < 0 || duration[row]! > duration[longest]!) longest = row;
    }
    return longest;
  }
}

interface Frame {
  row: number;
  /** Where it ends for those who wait: no later than its parent. */
  end: number;
  at: number;
  children: number[];
}
