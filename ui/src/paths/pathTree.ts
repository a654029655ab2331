// Spans that came the same way are one node: the same services and operations from the root down to here. Compare,
// flamegraph and graph all draw this tree. Flat arrays; a node stands behind its parent, in the order of first starts.

/** What a path tree is made of. A parent stands before its children. */
export interface SpanColumns {
  length: number;
  /** Place of the parent, -1 for none. */
  parent: ArrayLike<number>;
  /** Microseconds. */
  duration: ArrayLike<number>;
  self: ArrayLike<number>;
  /** Microseconds on the critical path. */
  critical: ArrayLike<number>;
  /** 1 where the span failed. */
  failed: ArrayLike<number>;
  /** Numbers of names, below 2^26. */
  serviceOf: ArrayLike<number>;
  operationOf: ArrayLike<number>;
  service(at: number): string;
  operation(at: number): string;
}

export interface PathTree {
  length: number;
  parent: Int32Array;
  depth: Int32Array;
  service: string[];
  operation: string[];
  /** How many spans came this way. */
  spans: Int32Array;
  failed: Int32Array;
  /** Microseconds, of all its spans together. */
  duration: Float64Array;
  self: Float64Array;
  critical: Float64Array;
  /** The span of the node that stands first. */
  first: Int32Array;
}

export function pathTree(spans: SpanColumns): PathTree {
  const { of: nameOf, count: names } = numbered(spans);
  const nodeOf = new Int32Array(spans.length);
  const nodes = new Map<number, number>();
  const parent: number[] = [];
  const depth: number[] = [];
  const first: number[] = [];
  for (let at = 0; at < spans.length; at++) {
    const above = spans.parent[at]!;
    const parentNode = above < 0 ? -1 : nodeOf[above]!;
    // A number and no text: there may be as many paths as spans.
    const key = (parentNode + 1) * names + nameOf[at]!;
    let node = nodes.get(key);
    if (node === undefined) {
      node = parent.length;
      nodes.set(key, node);
      parent.push(parentNode);
      depth.push(parentNode < 0 ? 0 : depth[parentNode]! + 1);
      first.push(at);
    }
    nodeOf[at] = node;
  }
  const length = parent.length;
  const tree: PathTree = {
    length,
    parent: Int32Array.from(parent),
    depth: Int32Array.from(depth),
    service: first.map(at => spans.service(at)),
    operation: first.map(at => spans.operation(at)),
    spans: new Int32Array(length),
    failed: new Int32Array(length),
    duration: new Float64Array(length),
    self: new Float64Array(length),
    critical: new Float64Array(length),
    first: Int32Array.from(first),
  };
  for (let at = 0; at < spans.length; at++) {
    const node = nodeOf[at]!;
    tree.spans[node]! += 1;
    tree.failed[node]! += spans.failed[at]!;
    tree.duration[node]! += spans.duration[at]!;
    tree.self[node]! += spans.self[at]!;
    tree.critical[node]! += spans.critical[at]!;
  }
  return tree;
}

/** One number for each pair of a service and an operation. */
function numbered({ length, serviceOf, operationOf }: SpanColumns): { of: Int32Array; count: number } {
  const known = new Map<number, number>();
  const of = new Int32Array(length);
  for (let at = 0; at < length; at++) {
    const pair = serviceOf[at]! * 2 ** 26 + operationOf[at]!;
    let number = known.get(pair);
    if (number === undefined) {
      number = known.size;
      known.set(pair, number);
    }
    of[at] = number;
  }
  return { of, count: known.size };
}

/** Children of each node, and under -1 the roots, as lists in order. */
export function childrenOf(tree: { length: number; parent: ArrayLike<number> }): {
  roots: number[];
  of: (number[] | undefined)[];
} {
  const roots: number[] = [];
  const of: (number[] | undefined)[] = new Array(tree.length);
  for (let node = 0; node < tree.length; node++) {
    const parent = tree.parent[node]!;
    const known = parent < 0 ? roots : of[parent];
    if (known) known.push(node);
    else of[parent] = [node];
  }
  return { roots, of };
}
