// Which box an arrow key goes to: along the arrows to the nearest that is called or calls, else to the nearest that
// lies in the key's direction.
import type { Drawing, Point, Sketch } from './shape';

export type Way = 'up' | 'down' | 'left' | 'right';

/** Its place in the list; -1 if nothing lies there. */
export function nearest(sketch: Sketch, drawing: Drawing, from: number, way: Way): number {
  const here = drawing.boxes[from];
  const id = sketch.boxes[from]?.id;
  if (!here || id === undefined) return -1;
  const [forth, back] = drawing.direction === 'down' ? ['down', 'up'] : ['right', 'left'];
  const linked = new Set(
    sketch.arrows.flatMap(arrow => {
      if (way === forth && arrow.from === id) return [arrow.to];
      return way === back && arrow.to === id ? [arrow.from] : [];
    }),
  );
  const ofThem = closest(here, way, drawing.boxes, at => linked.has(sketch.boxes[at]!.id));
  return ofThem >= 0 ? ofThem : closest(here, way, drawing.boxes, () => true);
}

function closest(here: Point, way: Way, boxes: Point[], wanted: (at: number) => boolean): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  boxes.forEach((there, at) => {
    const [dx, dy] = [there.x - here.x, there.y - here.y];
    const [along, aside] = way === 'up' ? [-dy, dx] : way === 'down' ? [dy, dx] : way === 'left' ? [-dx, dy] : [dx, dy];
    if (along < 1 || !wanted(at)) return;
    // What stands askew is farther than it is.
    const far = along + 2 * Math.abs(aside);
    if (far < least) {
      least = far;
      best = at;
    }
  });
  return best;
}
