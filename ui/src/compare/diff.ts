// Two path trees laid over each other: every way that spans of either trace came, with what each trace has there.
import { childrenOf, type PathTree } from '../paths/pathTree';

/** What one trace has on a path. */
export interface Side {
  spans: number;
  failed: number;
  /** Microseconds, of all spans together. */
  duration: number;
  self: number;
  critical: number;
  /** The span that stands first. */
  first: number;
}

export interface DiffNode {
  /** Place of the parent in the list, -1 for none. */
  parent: number;
  depth: number;
  service: string;
  operation: string;
  /** Undefined where the trace has no span on this path. */
  a: Side | undefined;
  b: Side | undefined;
}

/** Every node, a parent before its children and these beside each other, as a tree is read from top to bottom. */
export function diff(a: PathTree, b: PathTree): DiffNode[] {
  const childrenA = childrenOf(a);
  const childrenB = childrenOf(b);
  const nodes: DiffNode[] = [];
  // Pairs still to come, the next one last: no recursion, since a chain of calls may be thousands deep.
  const open: Pair[] = [];
  const push = (next: Pair[]) => {
    for (let at = next.length - 1; at >= 0; at--) open.push(next[at]!);
  };
  push(pairs(a, childrenA.roots, b, childrenB.roots, -1));
  for (let pair = open.pop(); pair; pair = open.pop()) {
    const at = nodes.length;
    const [tree, node] = pair.a === undefined ? [b, pair.b!] : [a, pair.a];
    nodes.push({
      parent: pair.parent,
      depth: tree.depth[node]!,
      service: tree.service[node]!,
      operation: tree.operation[node]!,
      a: pair.a === undefined ? undefined : sideOf(a, pair.a),
      b: pair.b === undefined ? undefined : sideOf(b, pair.b),
    });
    const below = (children: typeof childrenA, of: number | undefined) =>
      of === undefined ? [] : (children.of[of] ?? []);
    push(pairs(a, below(childrenA, pair.a), b, below(childrenB, pair.b), at));
  }
  return nodes;
}

interface Pair {
  parent: number;
  a?: number;
  b?: number;
}

/** Children of one node: those of A in order, and where B has one more, it stands behind the one before it in B. */
function pairs(a: PathTree, ofA: number[], b: PathTree, ofB: number[], parent: number): Pair[] {
  if (ofB.length === 0) return ofA.map(a => ({ parent, a }));
  if (ofA.length === 0) return ofB.map(b => ({ parent, b }));
  const inA = new Map(ofA.map(node => [name(a, node), { parent, a: node } as Pair]));
  const behind = new Map<Pair | undefined, Pair[]>();
  let before: Pair | undefined;
  for (const node of ofB) {
    const known = inA.get(name(b, node));
    if (known) {
      known.b = node;
      before = known;
      continue;
    }
    const list = behind.get(before);
    if (list) list.push({ parent, b: node });
    else behind.set(before, [{ parent, b: node }]);
  }
  return [...(behind.get(undefined) ?? []), ...[...inA.values()].flatMap(pair => [pair, ...(behind.get(pair) ?? [])])];
}

/** Service and operation as one text, by which other pairs are other texts. */
function name({ service, operation }: PathTree, node: number): string {
  return `${service[node]!.length} ${service[node]}${operation[node]}`;
}

function sideOf(tree: PathTree, node: number): Side {
  return {
    spans: tree.spans[node]!,
    failed: tree.failed[node]!,
    duration: tree.duration[node]!,
    self: tree.self[node]!,
    critical: tree.critical[node]!,
    first: tree.first[node]!,
  };
}
