// Boxes in layers, by dagre: who calls stands before who is called.
import { Graph, layout } from '@dagrejs/dagre';
import type { Box, Drawing, Point, Sketch } from './shape';
import { whole } from './view';

/** Room beside a box whose arrow comes back to it. */
const LOOP = 30;
/** Pixels that stay free around the whole drawing. */
const MARGIN = 24;

/** Boxes and arrows beyond which a second layout would be waited for too long. */
const MANY = 300;
/** About a screen, to compare drawings by. */
const SCREEN = { width: 1300, height: 750 };

export function place(sketch: Sketch): Drawing {
  if (sketch.direction !== 'best') return placed(sketch, sketch.direction);
  const down = placed(sketch, 'down');
  if (whole(down, SCREEN).zoom >= 1 || sketch.boxes.length + sketch.arrows.length > MANY) return down;
  const right = placed(sketch, 'right');
  return whole(right, SCREEN).zoom > whole(down, SCREEN).zoom ? right : down;
}

function placed(sketch: Sketch, direction: 'down' | 'right'): Drawing {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: direction === 'down' ? 'TB' : 'LR',
    nodesep: 24,
    ranksep: direction === 'down' ? 64 : 96,
    marginx: MARGIN,
    marginy: MARGIN,
  });
  // dagre knows boxes by number: it keeps names as members of objects, where a service called __proto__ does harm.
  const numbers = new Map(sketch.boxes.map(({ id }, number) => [id, number]));
  const arrows = sketch.arrows.map(({ from, to }) => ({ from: numbers.get(from)!, to: numbers.get(to)! }));
  const looped = new Set(arrows.filter(({ from, to }) => from === to).map(({ from }) => from));
  sketch.boxes.forEach(({ width, height }, number) => {
    graph.setNode(String(number), { width: width + (looped.has(number) ? 2 * LOOP : 0), height });
  });
  arrows.forEach(({ from, to }, at) => {
    if (from !== to) graph.setEdge(String(from), String(to), {}, String(at));
  });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const centres = sketch.boxes.map((_, number) => pointOf(graph.node(String(number))));
  return {
    direction,
    width,
    height,
    boxes: centres,
    arrows: arrows.map(({ from, to }, at) => {
      if (from === to) return loop(centres[from]!, sketch.boxes[from]!);
      const points = (graph.edge(String(from), String(to), String(at))?.points ?? []).map(pointOf);
      if (points.length < 2) return points;
      const [first, last] = [points[0]!, points.at(-1)!];
      return [
        fastened(first, centres[from]!, sketch.boxes[from]!),
        ...points.slice(1, -1),
        fastened(last, centres[to]!, sketch.boxes[to]!),
      ];
    }),
  };
}

/** Where there is room for a loop, dagre ends an arrow at the room and not at the box. */
function fastened({ x, y }: Point, centre: Point, { width }: Box): Point {
  return { x: Math.min(centre.x + width / 2, Math.max(centre.x - width / 2, x)), y };
}

function pointOf(placed: { x?: number; y?: number }): Point {
  return { x: placed.x ?? 0, y: placed.y ?? 0 };
}

/** Out of the box's right side and back into it. */
function loop({ x, y }: Point, { width, height }: Box): Point[] {
  const side = x + width / 2;
  const [out, back] = [y - height / 5, y + height / 5];
  return [
    { x: side, y: out },
    { x: side + LOOP, y: out },
    { x: side + LOOP, y: back },
    { x: side + 1, y: back },
  ];
}
