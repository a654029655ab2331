// Rows of the span table: those that fit the filter, in the order of a column.
import { ERROR, type Trace } from '../trace/Trace';

export type Column = 'service' | 'operation' | 'start' | 'duration' | 'self' | 'events' | 'error';

export interface Filter {
  /** Empty for any. */
  services: string[];
  /** A part of the service's or operation's name, or of the span's id; empty for any. */
  text: string;
}

export function filtered(trace: Trace, { services, text }: Filter): number[] {
  const wanted = text.trim().toLowerCase();
  const wantedService = trace.services.map(service => services.length === 0 || services.includes(service));
  const found: number[] = [];
  for (let row = 0; row < trace.size; row++) {
    if (!wantedService[trace.columns.service[row]!]) continue;
    if (wanted && !names(trace, row).some(name => name.toLowerCase().includes(wanted))) continue;
    found.push(row);
  }
  return found;
}

function names(trace: Trace, row: number): string[] {
  return [trace.operation(row), trace.service(row), trace.ids[row] ?? ''];
}

/** Sorts in place; equals stay as the tree has them. */
export function sort(trace: Trace, rows: number[], column: Column, descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  const compare = by(trace, column);
  return rows.sort((a, b) => sign * compare(a, b) || a - b);
}

function by(trace: Trace, column: Column): (a: number, b: number) => number {
  const { start, duration, self, eventFrom } = trace.columns;
  switch (column) {
    case 'service':
      return byText(row => trace.service(row));
    case 'operation':
      return byText(row => trace.operation(row));
    case 'start':
      return byNumber(row => start[row]!);
    case 'duration':
      return byNumber(row => duration[row]!);
    case 'self':
      return byNumber(row => self[row]!);
    case 'events':
      return byNumber(row => eventFrom[row + 1]! - eventFrom[row]!);
    case 'error':
      return byNumber(row => Number(trace.has(row, ERROR)));
  }
}

function byNumber(of: (row: number) => number) {
  return (a: number, b: number) => of(a) - of(b);
}

const collator = new Intl.Collator('en', { numeric: true });

function byText(of: (row: number) => string) {
  return (a: number, b: number) => collator.compare(of(a), of(b));
}
