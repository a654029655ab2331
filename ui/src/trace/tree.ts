// The tree of a trace without recursion: a chain of a hundred thousand spans is no deeper than our stack.

export interface Tree {
  /** Span numbers in the order of rows. */
  order: Int32Array;
  /** By row. */
  parent: Int32Array;
  depth: Int32Array;
  end: Int32Array;
  /** By row: 1 if it names a parent that is not there. */
  orphan: Uint8Array;
}

/** Orders spans: parents before their children, roots and siblings by start. */
export function tree(ids: string[], parents: string[], start: ArrayLike<number>): Tree {
  const size = ids.length;
  const places = new Map<string, number>();
  for (let span = size - 1; span >= 0; span--) places.set(ids[span]!, span);

  const above = new Int32Array(size).fill(-1);
  const orphans = new Uint8Array(size);
  for (let span = 0; span < size; span++) {
    if (!parents[span]) continue;
    const parent = places.get(parents[span]!);
    if (parent === undefined) orphans[span] = 1;
    else if (parent !== span) above[span] = parent;
  }
  breakCircles(above);

  // Siblings as linked lists, made from the last to the first so that they come out by start.
  const byStart = Int32Array.from({ length: size }, (_, span) => span).sort((a, b) => start[a]! - start[b]! || a - b);
  const firstChild = new Int32Array(size).fill(-1);
  const nextSibling = new Int32Array(size).fill(-1);
  let firstRoot = -1;
  for (let place = size - 1; place >= 0; place--) {
    const span = byStart[place]!;
    const parent = above[span]!;
    if (parent < 0) {
      nextSibling[span] = firstRoot;
      firstRoot = span;
    } else {
      nextSibling[span] = firstChild[parent]!;
      firstChild[parent] = span;
    }
  }

  const order = new Int32Array(size);
  const parent = new Int32Array(size);
  const depth = new Int32Array(size);
  const end = new Int32Array(size);
  const orphan = new Uint8Array(size);
  const rowOf = new Int32Array(size);
  let row = 0;
  let span = firstRoot;
  while (span >= 0) {
    const up = above[span]!;
    order[row] = span;
    rowOf[span] = row;
    parent[row] = up < 0 ? -1 : rowOf[up]!;
    depth[row] = up < 0 ? 0 : depth[rowOf[up]!]! + 1;
    orphan[row] = orphans[span]!;
    row++;
    if (firstChild[span]! >= 0) {
      span = firstChild[span]!;
      continue;
    }
    // Up until there is a sibling.
    for (;;) {
      end[rowOf[span]!] = row;
      if (nextSibling[span]! >= 0) {
        span = nextSibling[span]!;
        break;
      }
      if (above[span]! < 0) {
        span = -1;
        break;
      }
      span = above[span]!;
    }
  }
  return { order, parent, depth, end, orphan };
}

/** Spans that are each other's ancestors: the first met becomes a root. */
function breakCircles(above: Int32Array): void {
  const seen = new Int32Array(above.length);
  for (let span = 0; span < above.length; span++) {
    const mark = span + 1;
    let at = span;
    while (at >= 0 && seen[at] === 0) {
      seen[at] = mark;
      at = above[at]!;
    }
    if (at >= 0 && seen[at] === mark) above[at] = -1;
  }
}
