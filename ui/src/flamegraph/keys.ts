// Where an arrow key goes in the flamegraph: up to the caller, down to the first that is called, aside in the row.
import type { PathTree } from '../paths/pathTree';

/** The node, or -1 if the key goes nowhere. */
export function next(tree: PathTree, rows: number[][], from: number, key: string): number {
  const depth = tree.depth[from] ?? 0;
  const row = rows[depth] ?? [];
  const place = row.indexOf(from);
  switch (key) {
    case 'ArrowUp':
      return tree.parent[from] ?? -1;
    case 'ArrowDown':
      return rows[depth + 1]?.find(node => tree.parent[node] === from) ?? -1;
    case 'ArrowLeft':
      return row[place - 1] ?? -1;
    case 'ArrowRight':
      return row[place + 1] ?? -1;
    default:
      return -1;
  }
}
