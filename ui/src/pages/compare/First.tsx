// The time of a path in one trace, as a link to its first span there.
import { Link } from 'react-router';
import type { Side } from '../../compare/diff';
import { duration } from '../../format/duration';
import type { Trace } from '../../trace/Trace';

export function First({ trace, side }: { trace: Trace; side: Side }) {
  const id = trace.ids[side.first] ?? '';
  return (
    <Link to={`/trace/${trace.id}?${new URLSearchParams({ span: id, open: id })}`}>{duration(side.duration)}</Link>
  );
}
