// Why one trace takes longer than the other. The critical path accounts for each moment of a trace once, so what paths
// gained or lost on it adds up to the difference of the two traces.
import type { DiffNode } from './diff';

export interface Cause {
  /** Place of the node. */
  at: number;
  /** Microseconds that B spends more than A waiting for this path's own work. */
  difference: number;
}

export interface Causes {
  largest: Cause[];
  /** What all other paths make together. */
  rest: number;
}

export function causes(nodes: DiffNode[], total: number, most: number): Causes {
  const all = nodes
    .map((node, at) => ({ at, difference: (node.b?.critical ?? 0) - (node.a?.critical ?? 0) }))
    .filter(({ difference }) => difference !== 0)
    .sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference) || one.at - other.at);
  const largest = all.slice(0, most);
  return { largest, rest: total - largest.reduce((sum, { difference }) => sum + difference, 0) };
}
