// Which part of a drawing is seen: a factor and the drawing's corner. Pure, so that fingers, wheel and keys share it.

export interface View {
  /** Screen pixels for a pixel of the drawing. */
  zoom: number;
  /** Where the drawing's corner stands on the screen. */
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

const SMALLEST = 0.05;
const LARGEST = 4;

/** The whole drawing in the middle, never larger than it was drawn. */
export function whole(drawing: Size, screen: Size): View {
  const zoom = bounded(Math.min(screen.width / drawing.width, screen.height / drawing.height, 1));
  return { zoom, x: (screen.width - drawing.width * zoom) / 2, y: (screen.height - drawing.height * zoom) / 2 };
}

/** The same view with another factor; what is under the point stays there. */
export function zoomAt(view: View, factor: number, x: number, y: number): View {
  const zoom = bounded(view.zoom * factor);
  const by = zoom / view.zoom;
  return { zoom, x: x - (x - view.x) * by, y: y - (y - view.y) * by };
}

export function pan(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

function bounded(zoom: number): number {
  return Number.isFinite(zoom) ? Math.min(LARGEST, Math.max(SMALLEST, zoom)) : 1;
}
