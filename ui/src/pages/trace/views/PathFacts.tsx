// What a path of the trace took, and the way to its spans.
import bar from '../../../bar/bar.module.css';
import { count, percent } from '../../../format/count';
import { duration } from '../../../format/duration';
import { line } from '../../../format/text';
import type { PathTree } from '../../../paths/pathTree';

interface Props {
  tree: PathTree;
  node: number;
  /** Microseconds of work in it and below it, and of the whole trace. */
  work: number;
  all: number;
  select(row: number): void;
  onClose(): void;
}

export function PathFacts({ tree, node, work, all, select, onClose }: Props) {
  const part = (time: number) => (all > 0 ? ` (${percent(time / all)})` : '');
  return (
    <section className={bar.facts} aria-label="The chosen path">
      <strong className="cut">
        <bdi>
          {line(tree.service[node]!)}: {line(tree.operation[node]!)}
        </bdi>
      </strong>
      <span>{count(tree.spans[node]!, 'span')}</span>
      {tree.failed[node]! > 0 && <span className="bad">{count(tree.failed[node]!, 'error')}</span>}
      <span title="Self time of it and of all below it">
        work {duration(work)}
        {part(work)}
      </span>
      <span title="Time in which no child ran">
        self {duration(tree.self[node]!)}
        {part(tree.self[node]!)}
      </span>
      <span title="Time in which the trace waited for it">critical path {duration(tree.critical[node]!)}</span>
      <button type="button" onClick={() => select(tree.first[node]!)}>
        Show its first span
      </button>
      <button type="button" className="plain" onClick={onClose}>
        Show all
      </button>
    </section>
  );
}
