// What both traces have on the chosen path, and the way to their spans.
import bar from '../../bar/bar.module.css';
import type { DiffNode, Side } from '../../compare/diff';
import { count } from '../../format/count';
import { duration } from '../../format/duration';
import { line } from '../../format/text';
import type { Trace } from '../../trace/Trace';
import { First } from './First';

interface Props {
  a: Trace;
  b: Trace;
  node: DiffNode;
  onClose(): void;
}

export function DiffFacts({ a, b, node, onClose }: Props) {
  return (
    <section className={bar.facts} aria-label="The chosen path">
      <strong className="cut">
        <bdi>
          {line(node.service)}: {line(node.operation)}
        </bdi>
      </strong>
      <Of letter="A" trace={a} side={node.a} />
      <Of letter="B" trace={b} side={node.b} />
      <button type="button" className="plain" onClick={onClose}>
        Close
      </button>
    </section>
  );
}

function Of({ letter, trace, side }: { letter: string; trace: Trace; side: Side | undefined }) {
  return (
    <span>
      {letter}:{' '}
      {side ? (
        <>
          {count(side.spans, 'span')}, <First trace={trace} side={side} />, {duration(side.critical)} on the critical
          path
        </>
      ) : (
        'nothing'
      )}
    </span>
  );
}
