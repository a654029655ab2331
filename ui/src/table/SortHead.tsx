// The head of a column that a table can be sorted by.
import type { ReactNode } from 'react';
import css from './table.module.css';
import type { Sort } from './useSort';

interface Props<C extends string> {
  sort: Sort<C>;
  column: C;
  number?: boolean;
  title?: string;
  children: ReactNode;
}

export function SortHead<C extends string>({ sort, column, number, title, children }: Props<C>) {
  const sorted = sort.column === column;
  const { descending } = sort;
  const sign = (
    <span aria-hidden="true" className={sorted ? css.sign : `${css.sign} ${css.unseen}`}>
      {descending ? '▼' : '▲'}
    </span>
  );
  return (
    <th scope="col" className={number ? 'number' : undefined} aria-sort={ariaSort(sorted, descending)}>
      <button type="button" className={css.head} title={title} onClick={() => sort.by(column)}>
        {/* Before a number's head, so that heads and numbers end alike. */}
        {number && sign}
        {children}
        {!number && sign}
      </button>
    </th>
  );
}

export function ariaSort(sorted: boolean, descending: boolean): 'ascending' | 'descending' | 'none' {
  if (!sorted) return 'none';
  return descending ? 'descending' : 'ascending';
}
