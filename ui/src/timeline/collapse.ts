// Which spans hide their children: all from a depth on, but for those that somebody opened or closed one by one.
// Short enough for a URL, however large the trace.
import type { Trace } from '../trace/Trace';

export interface Collapse {
  /** Spans from this depth on are closed; undefined for none. */
  level?: number;
  /** Span ids that are the other way round. */
  except: string[];
}

export const OPEN: Collapse = { except: [] };

/** `collapse=2,a1b2,c3d4`, `collapse=,a1b2`. */
export function readCollapse(text: string): Collapse {
  const [level = '', ...except] = text.split(',');
  const number = Number(level);
  return level && Number.isInteger(number) && number >= 0 ? { level: number, except } : { except };
}

export function writeCollapse({ level, except }: Collapse): string {
  if (level === undefined && except.length === 0) return '';
  return [level ?? '', ...except].join(',');
}

/** For each row whether it is closed: 1 or 0. */
export function closedRows(trace: Trace, { level, except }: Collapse): Uint8Array {
  const { depth } = trace.columns;
  const closed = new Uint8Array(trace.size);
  if (level !== undefined) for (let row = 0; row < trace.size; row++) if (depth[row]! >= level) closed[row] = 1;
  for (const id of except) {
    const row = trace.row(id);
    if (row >= 0) closed[row] = closed[row] ? 0 : 1;
  }
  return closed;
}

export function toggled(collapse: Collapse, id: string): Collapse {
  const { level, except } = collapse;
  return { level, except: except.includes(id) ? except.filter(other => other !== id) : [...except, id] };
}

/** One level less is shown, or one more. */
export function deeper(collapse: Collapse, trace: Trace, by: 1 | -1): Collapse {
  const deepest = trace.depth - 1;
  const level = (collapse.level ?? deepest) + by;
  return level >= deepest ? OPEN : { level: Math.max(0, level), except: [] };
}
