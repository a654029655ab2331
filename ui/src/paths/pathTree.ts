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
  const nodeOf = new Int32Array(spans.length);
  const nodes = new Map<string, number>();
  const texts = new Map<string, number>();
  const parent: number[] = [];
  const depth: number[] = [];
  const first: number[] = [];
  const text = (of: string) => {
    let known = texts.get(of);
    if (known === undefined) {
      known = texts.size;
      texts.set(of, known);
    }
    return known;
  };
  for (let at = 0; at < spans.length; at++) {
    const above = spans.parent[at]!;
    const parentNode = above < 0 ? -1 : nodeOf[above]!;
    const key = `${parentNode} ${text(spans.service(at))} ${text(spans.operation(at))}`;
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
