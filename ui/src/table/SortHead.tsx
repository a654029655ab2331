// The head of a column that a table can be sorted by.
import { ariaSort, SortButton, type SortProps } from './SortButton';

export function SortHead<C extends string>(props: SortProps<C>) {
  const { sort, column, number } = props;
  return (
    <th scope="col" className={number ? 'number' : undefined} aria-sort={ariaSort(sort, column)}>
      <SortButton {...props} />
    </th>
  );
}
