// The two traces path by path, as rows of a tree.
import type { By, Change } from '../../compare/change';
import type { DiffNode, Side } from '../../compare/diff';
import { signed } from '../../compare/words';
import { number } from '../../format/count';
import { duration } from '../../format/duration';
import { line } from '../../format/text';
import { Rows } from '../../rows/Rows';
import { serviceColours } from '../../theme/colours';
import type { Trace } from '../../trace/Trace';
import { Bar } from './Causes';
import css from './compare.module.css';
import { First } from './First';

export interface Shown {
  a: Trace;
  b: Trace;
  nodes: DiffNode[];
  changes: Change[];
  /** Of the nodes that are seen. */
  places: number[];
  by: By;
}

const WORDS: Record<By, Record<Change, string>> = {
  structure: { same: '', added: 'only in B', removed: 'only in A', more: 'more', fewer: 'fewer' },
  duration: { same: '', added: 'only in B', removed: 'only in A', more: 'slower', fewer: 'faster' },
};
/** Deeper paths are not moved further to the right. */
const DEEPEST = 24;

export function DiffRows({ a, b, nodes, changes, places, by }: Shown) {
  const names = [...new Set([...a.services, ...b.services])];
  const colours = new Map(serviceColours(names).map((colour, at) => [names[at], colour]));
  const scale = places.reduce((most, place) => Math.max(most, Math.abs(longer(nodes[place]!))), 1);
  return (
    <Rows
      title="Paths of both traces"
      head={
        <>
          <th scope="col">Path</th>
          <th scope="col">Difference</th>
          <th scope="col" className="number">
            Spans A
          </th>
          <th scope="col" className="number">
            Spans B
          </th>
          <th scope="col" className="number">
            Time A
          </th>
          <th scope="col" className="number">
            Time B
          </th>
          <th scope="col" className="number">
            B − A
          </th>
          <td />
        </>
      }
      columns={[0, 96, 76, 76, 88, 88, 88, 136]}
      count={places.length}
      height={30}
      rowKey={at => places[at]!}
      rowClass={at => css[changes[places[at]!]!]}
      row={at => {
        const place = places[at]!;
        const node = nodes[place]!;
        return (
          <>
            <td
              style={{ paddingLeft: 16 + Math.min(node.depth, DEEPEST) * 16 }}
              title={`${line(node.service)}: ${line(node.operation)}`}
            >
              <span className={css.dot} style={{ background: colours.get(node.service) }} />
              <bdi>
                <strong>{line(node.service)}</strong> {line(node.operation)}
              </bdi>
            </td>
            <td>{changes[place] !== 'same' && <span className={css.chip}>{WORDS[by][changes[place]!]}</span>}</td>
            <td className="number">{spans(node.a)}</td>
            <td className="number">{spans(node.b)}</td>
            <td className="number">{node.a && <First trace={a} side={node.a} />}</td>
            <td className="number">{node.b && <First trace={b} side={node.b} />}</td>
            <td className="number">{signed(longer(node), duration)}</td>
            <td>
              <Bar difference={longer(node)} scale={scale} />
            </td>
          </>
        );
      }}
    />
  );
}

function longer({ a, b }: DiffNode): number {
  return (b?.duration ?? 0) - (a?.duration ?? 0);
}

function spans(side: Side | undefined) {
  if (!side) return '–';
  return (
    <>
      {number(side.spans)}
      {side.failed > 0 && (
        <span className="bad" title={`${side.failed} failed`}>
          {' '}
          !{side.failed}
        </span>
      )}
    </>
  );
}
