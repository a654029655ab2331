// Small traces for tests, as columns: service:operation, parent, duration, self, critical.
import type { SpanColumns } from './pathTree';

export type Line = [name: string, parent: number, duration: number, self: number, critical: number, failed?: boolean];

export function sample(...lines: Line[]): SpanColumns {
  const part = (at: number, which: 0 | 1) => lines[at]![0].split(':')[which] ?? '';
  const numbers = (name: (at: number) => string) => {
    const known = new Map<string, number>();
    return lines.map((_, at) => {
      if (!known.has(name(at))) known.set(name(at), known.size);
      return known.get(name(at))!;
    });
  };
  return {
    length: lines.length,
    parent: lines.map(line => line[1]),
    duration: lines.map(line => line[2]),
    self: lines.map(line => line[3]),
    critical: lines.map(line => line[4]),
    failed: lines.map(line => Number(line[5] ?? false)),
    serviceOf: numbers(at => part(at, 0)),
    operationOf: numbers(at => part(at, 1)),
    service: at => part(at, 0),
    operation: at => part(at, 1),
  };
}
