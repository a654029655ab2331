// An arrow's bends as a smooth line of SVG.
import type { Point } from './shape';

export function smooth(points: Point[]): string {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (!first || !last) return '';
  let path = `M${at(first)}`;
  // Each bend is the control point of a curve that ends half-way to the next.
  rest.forEach((bend, index) => {
    const next = rest[index + 1];
    path += `Q${at(bend)} ${at(next ? middle(bend, next) : last)}`;
  });
  return rest.length === 0 ? `${path}L${at(last)}` : path;
}

/** Where a label stands: the middle bend. */
export function middleOf(points: Point[]): Point | undefined {
  const half = (points.length - 1) / 2;
  const before = points[Math.floor(half)];
  const after = points[Math.ceil(half)];
  return before && after && middle(before, after);
}

function middle(one: Point, other: Point): Point {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

function at({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
