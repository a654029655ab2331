// Rows of the trace that are shown: not below a closed one, and not hidden by a find or a filter.
import type { Trace } from '../trace/Trace';

/** Rows in their order. With `wanted` only those and their ancestors. */
export function visibleRows(trace: Trace, closed: Uint8Array, wanted?: Uint8Array): Int32Array {
  const { end, parent } = trace.columns;
  const kept = wanted && withAncestors(wanted, parent);
  const rows = new Int32Array(trace.size);
  let count = 0;
  let row = 0;
  while (row < trace.size) {
    if (kept && !kept[row]) {
      row++;
      continue;
    }
    rows[count++] = row;
    row = closed[row] ? end[row]! : row + 1;
  }
  return rows.slice(0, count);
}

function withAncestors(wanted: Uint8Array, parent: Int32Array): Uint8Array {
  const kept = wanted.slice();
  // Children stand behind their parents, so once from the end is enough.
  for (let row = kept.length - 1; row >= 0; row--) if (kept[row] && parent[row]! >= 0) kept[parent[row]!] = 1;
  return kept;
}

/** Where a row is in a list of rows; if it is not there, the last before it. */
export function placeOf(rows: Int32Array, row: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle]! <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
