// What a reader must know before believing a trace: what is missing, and which clocks did not agree.

import { Link } from 'react-router';
import { count } from '../../format/count';
import { duration } from '../../format/duration';
import { line } from '../../format/text';
import type { Trace } from '../../trace/Trace';
import { changed, useUrl } from '../../url/useUrl';
import css from './header.module.css';

const spans = (amount: number) => count(amount, 'span');

export function Notes({ trace, raw }: { trace: Trace; raw: boolean }) {
  const { params } = useUrl();
  const otherWay = changed(`?${params}`, { raw: raw ? undefined : '1' });
  const link = <Link to={{ search: otherWay }}>{raw ? 'Show it adjusted' : 'Show it as it was received'}</Link>;
  const notes = [];
  if (raw) notes.push(<li key="raw">Times are as they were received, not adjusted. {link}.</li>);
  if (trace.orphans > 0) {
    notes.push(
      <li key="orphans">
        Incomplete: {spans(trace.orphans)} {trace.orphans === 1 ? 'names a parent' : 'name parents'} that{' '}
        {trace.orphans === 1 ? 'is' : 'are'} not here. They may still come, were dropped on their way, or were not
        sampled.
      </li>,
    );
  }
  if (trace.moved.spans > 0) {
    notes.push(
      <li key="moved">
        Clocks did not agree: {spans(trace.moved.spans)} moved by up to {duration(trace.moved.most)}. {link}.
      </li>,
    );
  }
  if (trace.notMoved.spans > 0) {
    notes.push(
      <li key="left">
        Clocks do not agree: {spans(trace.notMoved.spans)} up to {duration(trace.notMoved.most)} off, left as they are.
        The operator can have them adjusted (<code>--query.max-clock-skew-adjustment</code>).
      </li>,
    );
  }
  for (const warning of trace.warnings) notes.push(<li key={warning}>{line(warning, 300)}</li>);
  return notes.length > 0 ? (
    <ul className={css.notes} aria-label="Notes">
      {notes}
    </ul>
  ) : null;
}
