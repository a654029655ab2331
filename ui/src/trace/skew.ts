// What the server's warnings say of clocks: how many spans were moved, or should have been, and by how much.

export interface Skew {
  spans: number;
  /** µs: the largest difference, without its sign. */
  most: number;
}

const MOVED = /timestamps were adjusted by (\S+)/;
const NOT_MOVED = /not applying calculated delta of (\S+)/;

/** Adds what a warning says to `moved` or `left`. */
export function readSkew(warning: string, moved: Skew, left: Skew): void {
  for (const [pattern, skew] of [
    [MOVED, moved],
    [NOT_MOVED, left],
  ] as const) {
    const [, by] = pattern.exec(warning) ?? [];
    if (!by) continue;
    skew.spans++;
    skew.most = Math.max(skew.most, goDuration(by));
  }
}

const UNITS: Record<string, number> = { ns: 1e-3, µs: 1, us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3_600e6 };

/** `-1m2.5s` in µs without its sign. */
export function goDuration(text: string): number {
  let us = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|µs|us|ms|s|m|h)/g))
    us += Number(amount) * UNITS[unit!]!;
  return us;
}
