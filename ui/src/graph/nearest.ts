// Which box an arrow key goes to: the nearest one that lies in its direction.
import type { Point } from './shape';

export type Way = 'up' | 'down' | 'left' | 'right';

/** Its place in the list; -1 if nothing lies there. */
export function nearest(boxes: Point[], from: number, way: Way): number {
  const here = boxes[from];
  if (!here) return -1;
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  boxes.forEach((there, at) => {
    const [dx, dy] = [there.x - here.x, there.y - here.y];
    const [along, aside] = way === 'up' ? [-dy, dx] : way === 'down' ? [dy, dx] : way === 'left' ? [-dx, dy] : [dx, dy];
    if (along < 1) return;
    // What stands askew is farther than it is.
    const far = along + 2 * Math.abs(aside);
    if (far < least) {
      least = far;
      best = at;
    }
  });
  return best;
}
