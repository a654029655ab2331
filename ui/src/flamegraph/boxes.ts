// Where each path stands in the flamegraph: as wide as the time that it and all below it worked, below its caller.
import { childrenOf, type PathTree } from '../paths/pathTree';

export interface Boxes {
  /** Left edge and width of each node, 0 to 1 of the whole. */
  left: Float64Array;
  width: Float64Array;
  /** Microseconds of work in the node and below it. */
  work: Float64Array;
  /** Microseconds of all nodes. */
  all: number;
}

/**
 * Work is self time added up, so children that ran beside each other count each: the sum may be longer than the trace,
 * and no child is wider than its caller.
 */
export function boxes(tree: PathTree): Boxes {
  const work = Float64Array.from(tree.self);
  for (let node = tree.length - 1; node >= 0; node--) {
    const parent = tree.parent[node]!;
    if (parent >= 0) work[parent]! += work[node]!;
  }
  const left = new Float64Array(tree.length);
  const width = new Float64Array(tree.length);
  const { roots, of } = childrenOf(tree);
  const all = roots.reduce((sum, node) => sum + work[node]!, 0);
  const put = (nodes: number[], from: number) => {
    let edge = from;
    for (const node of nodes) {
      left[node] = edge;
      width[node] = all > 0 ? work[node]! / all : 0;
      edge += width[node]!;
    }
  };
  put(roots, 0);
  // Parents stand before their children, so each parent's edge is known by now.
  for (let node = 0; node < tree.length; node++) {
    const children = of[node];
    if (children) put(children, left[node]!);
  }
  return { left, width, work, all };
}

/** The part of the whole that is seen when a node is zoomed to. */
export interface Window {
  left: number;
  width: number;
}

/** Nodes wide enough to be seen, by row; those above the zoomed one stay as its way. */
export function rows(tree: PathTree, boxes: Boxes, window: Window, narrowest: number): number[][] {
  const found: number[][] = [];
  const right = window.left + window.width;
  // Sums of fractions are not exact: a hair of overlap is none.
  const hair = window.width * 1e-9;
  for (let node = 0; node < tree.length; node++) {
    const left = boxes.left[node]!;
    const width = boxes.width[node]!;
    if (left + width <= window.left + hair || left >= right - hair || width < narrowest * window.width) continue;
    const depth = tree.depth[node]!;
    while (found.length <= depth) found.push([]);
    found[depth]!.push(node);
  }
  for (const row of found) row.sort((a, b) => boxes.left[a]! - boxes.left[b]!);
  return found;
}
