// What is different on a path, in one word, by what the reader looks at.
import type { DiffNode } from './diff';

export type By = 'structure' | 'duration';

/** By duration `more` is slower and `fewer` faster. */
export type Change = 'same' | 'added' | 'removed' | 'more' | 'fewer';

/** Differences in time below this part of the longer trace are none. */
const WORTH_A_LOOK = 0.01;

export function change(node: DiffNode, by: By, longer: number): Change {
  if (!node.a) return 'added';
  if (!node.b) return 'removed';
  const difference = by === 'structure' ? node.b.spans - node.a.spans : node.b.duration - node.a.duration;
  if (by === 'duration' && Math.abs(difference) < WORTH_A_LOOK * longer) return 'same';
  return difference > 0 ? 'more' : difference < 0 ? 'fewer' : 'same';
}

/** Which nodes are seen: all, or those that changed and those above them. */
export function seen(nodes: DiffNode[], changes: Change[], onlyChanged: boolean): number[] {
  if (!onlyChanged) return nodes.map((_, at) => at);
  const keep = changes.map(one => one !== 'same');
  for (let at = nodes.length - 1; at >= 0; at--) {
    const parent = nodes[at]!.parent;
    if (keep[at] && parent >= 0) keep[parent] = true;
  }
  return nodes.flatMap((_, at) => (keep[at] ? [at] : []));
}
