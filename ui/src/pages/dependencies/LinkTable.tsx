// The links as a table: every figure of the drawing, and the traces behind it.
import { Link as To } from 'react-router';
import { errorRate, type Link } from '../../dependencies/links';
import { type Column, sortLinks } from '../../dependencies/sorted';
import { number, percent } from '../../format/count';
import { SortHead } from '../../table/SortHead';
import table from '../../table/table.module.css';
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
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys.
    <section className={table.frame} tabIndex={0} aria-label="Calls between services">
      <table className={table.table}>
        <thead>
          <tr>
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
            <th scope="col">Traces of the called</th>
          </tr>
        </thead>
        <tbody>
          {sortLinks(links, sort.column, sort.descending).map(link => {
            const rate = errorRate(link);
            return (
              <tr key={JSON.stringify([link.parent, link.child])}>
                <td>
                  <bdi>{link.parent}</bdi>
                </td>
                <td>
                  <bdi>{link.child}</bdi>
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
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
