// Where the work was done: each path as wide as the time it and all below it worked, below its caller.
import { type KeyboardEvent, useMemo, useState } from 'react';
import bar from '../../../bar/bar.module.css';
import { boxes, rows } from '../../../flamegraph/boxes';
import { next } from '../../../flamegraph/keys';
import { percent } from '../../../format/count';
import { duration } from '../../../format/duration';
import { line } from '../../../format/text';
import { columnsOf } from '../../../paths/columns';
import { pathTree } from '../../../paths/pathTree';
import { useVisibleRows } from '../../../rows/useVisibleRows';
import { serviceColours } from '../../../theme/colours';
import { useUrl } from '../../../url/useUrl';
import type { ViewProps } from '../view';
import { PathFacts } from './PathFacts';
import css from './views.module.css';

const ROW = 24;
/** Part of the width; what is narrower cannot be pointed at. */
const NARROWEST = 0.002;

export default function Flamegraph({ trace, select }: ViewProps) {
  const { get, set } = useUrl();
  const tree = useMemo(() => pathTree(columnsOf(trace)), [trace]);
  const placed = useMemo(() => boxes(tree), [tree]);
  const colours = useMemo(() => {
    const names = [...new Set(tree.service)];
    return new Map(serviceColours(names).map((colour, at) => [names[at], colour]));
  }, [tree]);
  const asked = get('path') === '' ? -1 : Number(get('path'));
  const zoomed = Number.isInteger(asked) && asked >= 0 && asked < tree.length ? asked : -1;
  const window = useMemo(
    () => (zoomed < 0 ? { left: 0, width: 1 } : { left: placed.left[zoomed]!, width: placed.width[zoomed]! || 1 }),
    [placed, zoomed],
  );
  const shown = useMemo(() => rows(tree, placed, window, NARROWEST), [tree, placed, window]);
  const words = get('filter').trim().toLowerCase();
  const marked = (node: number) =>
    words !== '' && `${tree.service[node]} ${tree.operation[node]}`.toLowerCase().includes(words);
  const { frame, from, to } = useVisibleRows<HTMLDivElement>(shown.length, ROW);
  const [reached, setReached] = useState(Math.max(0, zoomed));
  const zoom = (node: number) => set({ path: node === zoomed || node < 0 ? undefined : node });

  function onKeyDown(event: KeyboardEvent) {
    const node = next(tree, shown, reached, event.key);
    if (node < 0) return;
    event.preventDefault();
    setReached(node);
    frame.current?.querySelector<HTMLElement>(`[data-node="${node}"]`)?.focus();
  }

  return (
    <section aria-label="Flamegraph">
      <div className={bar.bar}>
        <label>
          Mark
          <input type="search" value={get('filter')} onChange={event => set({ filter: event.target.value })} />
        </label>
        <span className="dim">
          Width is work: time in which a span had no child running, added up. {duration(placed.all)} in all, in a trace
          of {duration(trace.duration)}.
        </span>
      </div>
      {zoomed >= 0 && (
        <PathFacts
          tree={tree}
          node={zoomed}
          work={placed.work[zoomed]!}
          all={placed.all}
          select={select}
          onClose={() => zoom(-1)}
        />
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the buttons in it. */}
      <div ref={frame} className={css.flames} style={{ height: shown.length * ROW }} onKeyDown={onKeyDown}>
        {shown.slice(from, to).map((nodes, row) =>
          nodes.map(node => {
            const left = Math.max(0, (placed.left[node]! - window.left) / window.width);
            const right = Math.min(1, (placed.left[node]! + placed.width[node]! - window.left) / window.width);
            const name = `${line(tree.service[node]!, 80)}: ${line(tree.operation[node]!, 120)}`;
            const facts = `${duration(placed.work[node]!)}, ${percent(placed.all > 0 ? placed.work[node]! / placed.all : 0)}`;
            return (
              <button
                key={node}
                type="button"
                data-node={node}
                tabIndex={node === reached ? 0 : -1}
                title={`${name}\n${facts}`}
                className={marked(node) ? `${css.flame} ${css.marked}` : css.flame}
                style={{
                  top: (from + row) * ROW,
                  left: `${left * 100}%`,
                  width: `${(right - left) * 100}%`,
                  ['--colour' as string]: colours.get(tree.service[node]!),
                }}
                aria-pressed={node === zoomed}
                onFocus={() => setReached(node)}
                onClick={() => zoom(node)}
              >
                <bdi>{name}</bdi> <span className="heard">{facts}</span>
              </button>
            );
          }),
        )}
      </div>
    </section>
  );
}
