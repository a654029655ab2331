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
/** Names smaller than this are guessed at. */
const READABLE = 0.6;

/** The whole drawing in the middle, never larger than it was drawn. */
export function whole(drawing: Size, screen: Size): View {
  const zoom = bounded(Math.min(screen.width / drawing.width, screen.height / drawing.height, 1));
  return { zoom, x: (screen.width - drawing.width * zoom) / 2, y: (screen.height - drawing.height * zoom) / 2 };
}

/** What is seen first: all of it, or as much as can be read around a point. */
export function first(drawing: Size, screen: Size, around: { x: number; y: number }): View {
  const all = whole(drawing, screen);
  if (all.zoom >= READABLE) return all;
  const at = (length: number, room: number, centre: number) =>
    length * READABLE <= room
      ? (room - length * READABLE) / 2
      : Math.min(0, Math.max(room - length * READABLE, room / 2 - centre * READABLE));
  return {
    zoom: READABLE,
    x: at(drawing.width, screen.width, around.x),
    y: at(drawing.height, screen.height, around.y),
  };
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
