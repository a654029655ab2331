// `/trace/{a}...{b}`, either of which may be missing, and `cohort=`, the traces to choose from.

export interface Pair {
  a: string;
  b: string;
}

export function pairOf(path: string): Pair {
  const at = path.indexOf('...');
  return { a: traceId(path.slice(0, at)), b: traceId(path.slice(at + 3)) };
}

export function pathOf({ a, b }: Pair): string {
  return `/trace/${a}...${b}`;
}

/** The id in small letters; empty for what is none. */
export function traceId(text: string): string {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{1,32}$/.test(id) ? id : '';
}
