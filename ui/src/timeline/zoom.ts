// The part of a trace's time that the bars show, in µs from its start.

export interface Zoom {
  from: number;
  to: number;
}

/** `from` and `to` of the URL; the whole trace where they are none. */
export function readZoom(from: string, to: string, duration: number): Zoom {
  const [begin, end] = [Number(from || 0), to ? Number(to) : duration];
  const whole = { from: 0, to: Math.max(1, duration) };
  if (!Number.isFinite(begin) || !Number.isFinite(end)) return whole;
  return clamp({ from: begin, to: end }, duration);
}

/** Within the trace, and not narrower than can be seen. */
export function clamp({ from, to }: Zoom, duration: number): Zoom {
  const whole = Math.max(1, duration);
  const width = Math.min(whole, Math.max(1, to - from));
  const begin = Math.min(Math.max(0, from), whole - width);
  return { from: begin, to: begin + width };
}

/** By a part of what is shown. */
export function panned({ from, to }: Zoom, part: number, duration: number): Zoom {
  const by = (to - from) * part;
  return clamp({ from: from + by, to: to + by }, duration);
}

/** Around the middle; a factor below one shows less. */
export function zoomed({ from, to }: Zoom, factor: number, duration: number): Zoom {
  const middle = (from + to) / 2;
  const half = ((to - from) * factor) / 2;
  const begin = Math.max(0, middle - half);
  return clamp({ from: begin, to: begin + 2 * half }, duration);
}

/** For the URL. */
export function writeZoom({ from, to }: Zoom, duration: number): { from?: string; to?: string } {
  if (from <= 0 && to >= duration) return { from: undefined, to: undefined };
  return { from: String(Math.round(from)), to: String(Math.round(to)) };
}
