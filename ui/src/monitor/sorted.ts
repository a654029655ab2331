// The order of operations in the table; what cannot be told stands last.
import type { OperationLine } from './operations';

export type Column = 'operation' | 'p95' | 'rate' | 'errors' | 'impact';

export function sortLines(lines: OperationLine[], column: Column, descending: boolean): OperationLine[] {
  const sign = descending ? -1 : 1;
  return [...lines].sort((a, b) => {
    if (column === 'operation') return sign * a.operation.localeCompare(b.operation);
    const [one, other] = [a[column], b[column]];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * (one - other) || a.operation.localeCompare(b.operation);
  });
}
