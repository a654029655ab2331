// A long table with only the rows near the window in it; empty rows stand for those above and below.
import type { ReactNode } from 'react';
import css from './rows.module.css';
import { useVisibleRows } from './useVisibleRows';

interface Props {
  /** What the table shows. */
  title: string;
  /** `th`s. */
  head: ReactNode;
  count: number;
  /** Pixels of each row. */
  height: number;
  /** Pixels of each column; 0 shares what is left. */
  columns: number[];
  /** What makes a row the same row when others come before it. */
  rowKey(at: number): string | number;
  /** `td`s, each of one line. */
  row(at: number): ReactNode;
  rowClass?(at: number): string | undefined;
}

export function Rows({ title, head, count, height, columns, rowKey, row, rowClass }: Props) {
  const { frame, from, to } = useVisibleRows<HTMLTableSectionElement>(count, height);
  const places = Array.from({ length: to - from }, (_, place) => from + place);
  const narrowest = columns.reduce((sum, width) => sum + (width || 160), 0);
  return (
    <table className={css.table} style={{ minWidth: narrowest }} aria-label={title} aria-rowcount={count + 1}>
      <colgroup>
        {columns.map((width, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name, and do not change places.
          <col key={at} style={width > 0 ? { width } : undefined} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>{head}</tr>
      </thead>
      <tbody ref={frame}>
        {from > 0 && <Gap height={from * height} />}
        {places.map(at => (
          <tr key={rowKey(at)} aria-rowindex={at + 2} className={rowClass?.(at)} style={{ height }}>
            {row(at)}
          </tr>
        ))}
        {to < count && <Gap height={(count - to) * height} />}
      </tbody>
    </table>
  );
}

function Gap({ height }: { height: number }) {
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: there is nothing in it.
  return <tr aria-hidden="true" className={css.gap} style={{ height }} />;
}
