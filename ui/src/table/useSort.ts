// The order of a table, in the URL: `sort=calls` for falling, `sort=-calls` for rising.
import { useCallback } from 'react';
import { useUrl } from '../url/useUrl';

export interface Sort<C extends string> {
  column: C;
  descending: boolean;
  /** By this column; a second time the other way round. */
  by(column: C): void;
}

/** `columns` are what may stand in the URL, the one that is sorted by without any first. */
export function useSort<C extends string>(columns: readonly [C, ...C[]], name = 'sort', fallsFirst = true): Sort<C> {
  const { get, set } = useUrl();
  const text = get(name);
  const named = text.replace(/^-/, '');
  const known = columns.find(one => one === named);
  const [first] = columns;
  const column = known ?? first;
  const descending = known ? !text.startsWith('-') : fallsFirst;
  const by = useCallback(
    (next: C) => {
      const falls = next === column ? !descending : true;
      set({ [name]: next === first && falls === fallsFirst ? undefined : falls ? next : `-${next}` });
    },
    [set, column, descending, first, fallsFirst, name],
  );
  return { column, descending, by };
}
