// Several series on one time axis, the shape that a chart draws.
import type { Series } from './family';

export interface Columns {
  /** Seconds since 1970, rising. */
  times: number[];
  /** For each series a value at each time. */
  values: (number | null)[][];
}

export function columns(all: Series[]): Columns {
  const times = [...new Set(all.flatMap(({ samples }) => samples.map(({ time }) => time)))].sort((a, b) => a - b);
  const values = all.map(({ samples }) => {
    const at = new Map(samples.map(({ time, value }) => [time, value]));
    return times.map(time => at.get(time) ?? null);
  });
  return { times: times.map(time => time / 1000), values };
}

export function isEmpty(all: Series[]): boolean {
  return all.every(({ samples }) => samples.every(({ value }) => value === null));
}
