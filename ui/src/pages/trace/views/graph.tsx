// The paths of the trace as a drawing: what called what, how often, and where the time went.
import { useMemo } from 'react';
import bar from '../../../bar/bar.module.css';
import { Empty } from '../../../components/states';
import { boxes as workOf } from '../../../flamegraph/boxes';
import { count, percent } from '../../../format/count';
import { duration } from '../../../format/duration';
import { GraphCanvas, type Looks } from '../../../graph/GraphCanvas';
import { ServiceBox } from '../../../graph/ServiceBox';
import type { Sketch } from '../../../graph/shape';
import { plainly, widthFor } from '../../../graph/text';
import { columnsOf } from '../../../paths/columns';
import { pathTree } from '../../../paths/pathTree';
import { serviceColours } from '../../../theme/colours';
import { useUrl } from '../../../url/useUrl';
import type { ViewProps } from '../view';
import { PathFacts } from './PathFacts';
import css from './views.module.css';

const HEIGHT = 46;
/** Beyond these a drawing cannot be read. */
const MOST_BOXES = 400;

const MODES = { service: 'service', self: 'self time', critical: 'critical path' } as const;
type Mode = keyof typeof MODES;

export default function Graph({ trace, select }: ViewProps) {
  const { get, set } = useUrl();
  const tree = useMemo(() => pathTree(columnsOf(trace)), [trace]);
  const placed = useMemo(() => workOf(tree), [tree]);
  const mode: Mode = get('colour') in MODES ? (get('colour') as Mode) : 'service';
  const { sketch, looks } = useMemo(() => {
    const services = serviceColours(tree.service);
    const whole = mode === 'critical' ? trace.duration : placed.all;
    const heat = (node: number) => {
      const part = whole > 0 ? (mode === 'critical' ? tree.critical : tree.self)[node]! / whole : 0;
      return `color-mix(in oklab, var(--bad) ${Math.round(Math.min(1, part * 2) * 100)}%, var(--line))`;
    };
    const below = (node: number) => {
      const time = mode === 'critical' ? tree.critical[node]! : tree.self[node]!;
      const part = whole > 0 ? ` ${percent(time / whole)}` : '';
      return `${plainly(tree.service[node]!)} · ${count(tree.spans[node]!, 'span')} · ${duration(time)}${part}`;
    };
    const boxes = Array.from({ length: Math.min(tree.length, MOST_BOXES) }, (_, node) => ({
      id: String(node),
      width: widthFor(plainly(tree.operation[node]!), below(node)),
      height: HEIGHT,
    }));
    const arrows = boxes.flatMap((_, node) =>
      tree.parent[node]! < 0 ? [] : [{ from: String(tree.parent[node]), to: String(node) }],
    );
    const sketch: Sketch = { boxes, arrows, direction: 'right' };
    const looks: Looks = {
      box: node => (
        <ServiceBox
          {...boxes[node]!}
          colour={mode === 'service' ? services[node]! : heat(node)}
          name={plainly(tree.operation[node]!)}
          below={below(node)}
          failed={tree.failed[node]! > 0}
        />
      ),
      boxTitle: node =>
        `${plainly(tree.operation[node]!)} ${below(node)}${tree.failed[node]! > 0 ? ` · ${count(tree.failed[node]!, 'error')}` : ''}`,
      arrow: at => {
        const node = Number(arrows[at]!.to);
        const times = tree.spans[node]!;
        return {
          label: times > 1 ? `×${times}` : '',
          title: count(times, 'call'),
          tone: tree.failed[node]! > 0 ? 'bad' : 'plain',
          width: 1.5,
        };
      },
    };
    return { sketch, looks };
  }, [trace, tree, placed, mode]);
  if (tree.length > MOST_BOXES) {
    return (
      <Empty title={`${tree.length} paths are more than the ${MOST_BOXES} that are drawn at once`}>
        <p>The flamegraph shows all of them, the widest first seen.</p>
        <button type="button" onClick={() => set({ view: 'flamegraph' })}>
          Show the flamegraph
        </button>
      </Empty>
    );
  }
  const asked = get('path') === '' ? -1 : Number(get('path'));
  const selected = Number.isInteger(asked) && asked < tree.length ? asked : -1;
  const choose = (node: number) => set({ path: node === selected || node < 0 ? undefined : node });
  return (
    <section className={css.graph} aria-label="Graph">
      <div className={bar.bar}>
        <label>
          Colour by
          <select
            value={mode}
            onChange={event => set({ colour: event.target.value === 'service' ? undefined : event.target.value })}
          >
            {(Object.keys(MODES) as Mode[]).map(mode => (
              <option key={mode} value={mode}>
                {MODES[mode]}
              </option>
            ))}
          </select>
        </label>
        <span className="dim">Spans that came the same way are one box.</span>
      </div>
      {selected >= 0 && (
        <PathFacts
          tree={tree}
          node={selected}
          work={placed.work[selected]!}
          all={placed.all}
          select={select}
          onClose={() => choose(-1)}
        />
      )}
      <GraphCanvas title="Paths of the trace" sketch={sketch} looks={looks} selected={selected} onSelect={choose} />
    </section>
  );
}
