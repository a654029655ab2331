// Which paths the difference of the two traces comes from.
import { useMemo } from 'react';
import { causes } from '../../compare/causes';
import type { DiffNode } from '../../compare/diff';
import { signed } from '../../compare/words';
import { percent } from '../../format/count';
import { duration } from '../../format/duration';
import { line } from '../../format/text';
import type { Trace } from '../../trace/Trace';
import css from './compare.module.css';

const MOST = 5;
/** What makes less of the difference is not worth a line. */
const LEAST = 0.01;

export function Causes({ a, b, nodes }: { a: Trace; b: Trace; nodes: DiffNode[] }) {
  const total = b.duration - a.duration;
  const { largest, rest } = useMemo(() => causes(nodes, total, MOST), [nodes, total]);
  const scale = Math.max(...largest.map(({ difference }) => Math.abs(difference)), 1);
  const told = largest.filter(({ difference }) => Math.abs(difference) >= LEAST * scale);
  if (told.length === 0) return null;
  const untold = largest.slice(told.length).reduce((sum, { difference }) => sum + difference, rest);
  return (
    <>
      <p className="dim">Time on the critical path, which adds up to the difference:</p>
      <ol className={css.causes}>
        {told.map(({ at, difference }) => (
          <li key={at}>
            <Bar difference={difference} scale={scale} />
            <span className="number">{signed(difference, duration)}</span>
            <span className="cut">
              <bdi>
                <strong>{line(nodes[at]!.service)}</strong> {line(nodes[at]!.operation)}
              </bdi>
              <span className="dim"> {why(nodes[at]!)}</span>
            </span>
          </li>
        ))}
        {Math.abs(untold) >= 1 && (
          <li>
            <Bar difference={untold} scale={scale} />
            <span className="number">{signed(untold, duration)}</span>
            <span className="dim">
              all others
              {total !== 0 && Math.abs(untold) <= Math.abs(total) ? `, ${percent(Math.abs(untold / total))}` : ''}
            </span>
          </li>
        )}
      </ol>
    </>
  );
}

function why({ a, b }: DiffNode): string {
  if (!a) return 'only in B';
  if (!b) return 'only in A';
  const failed = b.failed !== a.failed ? `, ${b.failed} failed instead of ${a.failed}` : '';
  return a.spans === b.spans
    ? `${duration(b.critical)} instead of ${duration(a.critical)}${failed}`
    : `${b.spans} spans instead of ${a.spans}${failed}`;
}

/** To the right for what B takes longer, to the left for what it takes less. */
export function Bar({ difference, scale }: { difference: number; scale: number }) {
  const width = `${Math.min(1, Math.abs(difference) / scale) * 50}%`;
  return (
    <span className={css.delta} aria-hidden="true">
      <span
        className={difference > 0 ? css.slower : css.faster}
        style={difference > 0 ? { left: '50%', width } : { right: '50%', width }}
      />
    </span>
  );
}
