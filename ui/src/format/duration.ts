// Durations as people read them, and as the API wants them.

const UNITS: [string, number][] = [
  ['d', 86_400e6],
  ['h', 3_600e6],
  ['m', 60e6],
  ['s', 1e6],
  ['ms', 1e3],
  ['µs', 1],
];

/** Microseconds in the largest unit that fits, with three digits or so: `12.5ms`, `1m 20s`. */
export function duration(us: number): string {
  if (us < 0) return `-${duration(-us)}`;
  if (us === 0) return '0µs';
  const place = UNITS.findIndex(([, size]) => us >= size);
  const [unit, size] = UNITS[place] ?? ['µs', 1];
  if (size >= 60e6) {
    const [smaller, part] = UNITS[place + 1] as [string, number];
    const rest = Math.round((us % size) / part);
    // 59.9s of the smaller unit would be written as 60.
    if (rest * part >= size) return `${Math.floor(us / size) + 1}${unit}`;
    return rest === 0 ? `${Math.floor(us / size)}${unit}` : `${Math.floor(us / size)}${unit} ${rest}${smaller}`;
  }
  const value = us / size;
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))}${unit}`;
}

const WORD = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)$/;
const SIZES: Record<string, number> = {
  ns: 1e-3,
  us: 1,
  µs: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  h: 3_600e6,
  d: 86_400e6,
  w: 604_800e6,
};

/** `5m`, `1.5s`, `2w` in microseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = WORD.exec(text.trim()) ?? [];
  return amount && unit ? Number(amount) * (SIZES[unit] as number) : undefined;
}
