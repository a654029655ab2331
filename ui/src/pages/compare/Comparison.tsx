// What differs: in a sentence, by cause, and path by path.
import { useMemo } from 'react';
import bar from '../../bar/bar.module.css';
import { Choice } from '../../bar/Choice';
import { type By, change, seen } from '../../compare/change';
import { diff } from '../../compare/diff';
import { verdict } from '../../compare/words';
import { Empty } from '../../components/states';
import { count } from '../../format/count';
import { columnsOf } from '../../paths/columns';
import { pathTree } from '../../paths/pathTree';
import type { Trace } from '../../trace/Trace';
import { useUrl } from '../../url/useUrl';
import { Causes } from './Causes';
import css from './compare.module.css';
import { DiffGraph } from './DiffGraph';
import { DiffRows } from './DiffRows';

interface Props {
  a: Trace;
  b: Trace;
}

/** Beyond these a drawing cannot be read. */
const MOST_BOXES = 400;

export function Comparison({ a, b }: Props) {
  const { get, set } = useUrl();
  const nodes = useMemo(() => diff(pathTree(columnsOf(a)), pathTree(columnsOf(b))), [a, b]);
  const by: By = get('by') === 'structure' ? 'structure' : 'duration';
  const asGraph = get('view') === 'graph';
  const onlyChanged = get('changed') === '1';
  const longer = Math.max(a.duration, b.duration);
  const changes = useMemo(() => nodes.map(node => change(node, by, longer)), [nodes, by, longer]);
  const places = useMemo(() => seen(nodes, changes, onlyChanged), [nodes, changes, onlyChanged]);
  const changed = changes.filter(one => one !== 'same').length;
  const shown = { a, b, nodes, changes, places, by };
  return (
    <>
      <section className={css.verdict} aria-label="What differs">
        <h2>{verdict(a.duration, b.duration)}</h2>
        <Causes a={a} b={b} nodes={nodes} />
      </section>
      <div className={`${bar.bar} ${bar.lined} ${css.bar}`}>
        <Choice
          legend="Compare by"
          value={by}
          options={{ duration: 'Duration', structure: 'Structure' }}
          onChange={by => set({ by: by === 'duration' ? undefined : by })}
        />
        <Choice
          legend="Show as"
          value={asGraph ? 'graph' : 'rows'}
          options={{ rows: 'Rows', graph: 'Graph' }}
          onChange={view => set({ view: view === 'rows' ? undefined : view })}
        />
        <label>
          <input
            type="checkbox"
            checked={onlyChanged}
            onChange={event => set({ changed: event.target.checked ? '1' : undefined })}
          />
          only what differs
        </label>
        <span className="dim" role="status">
          {changed === 0 ? 'no path differs' : `${count(changed, 'path')} of ${nodes.length} differ`}
        </span>
      </div>
      {body()}
    </>
  );

  function body() {
    if (places.length === 0) {
      return (
        <Empty title={`The two traces are the same by ${by}`}>
          <p>
            {by === 'duration'
              ? 'No path of spans differs by a hundredth of the longer trace.'
              : 'Both have the same paths of spans, and as many spans on each.'}
          </p>
          <button type="button" onClick={() => set({ changed: undefined })}>
            Show all paths
          </button>
        </Empty>
      );
    }
    if (!asGraph) return <DiffRows {...shown} />;
    if (places.length > MOST_BOXES) {
      return (
        <Empty title={`${places.length} paths are more than the ${MOST_BOXES} that are drawn at once`}>
          <p>See them as rows{onlyChanged ? '' : ', or only what differs'}.</p>
          <button type="button" onClick={() => set({ view: undefined })}>
            Show as rows
          </button>
        </Empty>
      );
    }
    return <DiffGraph {...shown} />;
  }
}
