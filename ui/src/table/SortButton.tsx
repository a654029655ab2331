// What is pressed to sort by a column.
import type { ReactNode } from 'react';
import css from './table.module.css';
import type { Sort } from './useSort';

export interface SortProps<C extends string> {
  sort: Sort<C>;
  column: C;
  number?: boolean;
  title?: string;
  children: ReactNode;
}

export function SortButton<C extends string>({ sort, column, number, title, children }: SortProps<C>) {
  const sign = (
    <span aria-hidden="true" className={sort.column === column ? css.sign : `${css.sign} ${css.unseen}`}>
      {sort.descending ? '▼' : '▲'}
    </span>
  );
  return (
    <button type="button" className={css.head} title={title} onClick={() => sort.by(column)}>
      {/* Before a number's head, so that heads and numbers end alike. */}
      {number && sign}
      {children}
      {!number && sign}
    </button>
  );
}

export function ariaSort<C extends string>(sort: Sort<C>, column: C): 'ascending' | 'descending' | 'none' {
  if (sort.column !== column) return 'none';
  return sort.descending ? 'descending' : 'ascending';
}
