// The links as a table: every figure of the drawing, and the traces behind it.
import { useMemo } from 'react';
import { Link as To } from 'react-router';
import { errorRate, type Link } from '../../dependencies/links';
import { type Column, sortLinks } from '../../dependencies/sorted';
import { number, percent } from '../../format/count';
import { line } from '../../format/text';
import { Rows } from '../../rows/Rows';
import { SortHead } from '../../table/SortHead';
import { useSort } from '../../table/useSort';

interface Props {
  links: Link[];
  /** `/search` for a service, of failed spans only. */
  search(service: string, failed: boolean): string;
}

const COLUMNS: readonly [Column, ...Column[]] = ['calls', 'parent', 'child', 'errors', 'rate'];

export function LinkTable({ links, search }: Props) {
  const sort = useSort(COLUMNS);
  const counted = links.some(({ errorCount }) => errorCount !== undefined);
  const { column, descending } = sort;
  const sorted = useMemo(() => sortLinks(links, column, descending), [links, column, descending]);
  return (
    <Rows
      title="Calls between services"
      head={
        <>
          <SortHead sort={sort} column="parent">
            Caller
          </SortHead>
          <SortHead sort={sort} column="child">
            Called
          </SortHead>
          <SortHead sort={sort} column="calls" number>
            Calls
          </SortHead>
          {counted && (
            <>
              <SortHead sort={sort} column="errors" number>
                Failed
              </SortHead>
              <SortHead sort={sort} column="rate" number>
                Error rate
              </SortHead>
            </>
          )}
          <th scope="col">Its traces</th>
        </>
      }
      columns={counted ? [0, 0, 110, 100, 120, 130] : [0, 0, 110, 130]}
      count={sorted.length}
      height={32}
      rowKey={at => JSON.stringify([sorted[at]!.parent, sorted[at]!.child])}
      row={at => {
        const link = sorted[at]!;
        const rate = errorRate(link);
        return (
          <>
            <td title={line(link.parent)}>
              <bdi>{line(link.parent)}</bdi>
            </td>
            <td title={line(link.child)}>
              <bdi>{line(link.child)}</bdi>
            </td>
            <td className="number">{number(link.callCount)}</td>
            {counted && (
              <>
                <td className="number">{link.errorCount === undefined ? '' : number(link.errorCount)}</td>
                <td className={rate ? 'number bad' : 'number'}>{rate === undefined ? '' : percent(rate)}</td>
              </>
            )}
            <td>
              <To to={search(link.child, false)}>all</To>
              {link.errorCount ? (
                <>
                  {' · '}
                  <To to={search(link.child, true)}>failed</To>
                </>
              ) : null}
            </td>
          </>
        );
      }}
    />
  );
}
