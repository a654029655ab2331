// The order of links in the table.
import { errorRate, type Link } from './links';

export type Column = 'parent' | 'child' | 'calls' | 'errors' | 'rate';

export function sortLinks(links: Link[], column: Column, descending: boolean): Link[] {
  const sign = descending ? -1 : 1;
  return [...links].sort(
    (a, b) => sign * compare(a, b, column) || a.parent.localeCompare(b.parent) || a.child.localeCompare(b.child),
  );
}

function compare(a: Link, b: Link, column: Column): number {
  switch (column) {
    case 'parent':
      return a.parent.localeCompare(b.parent);
    case 'child':
      return a.child.localeCompare(b.child);
    case 'calls':
      return a.callCount - b.callCount;
    case 'errors':
      return (a.errorCount ?? -1) - (b.errorCount ?? -1);
    case 'rate':
      return (errorRate(a) ?? -1) - (errorRate(b) ?? -1);
  }
}
