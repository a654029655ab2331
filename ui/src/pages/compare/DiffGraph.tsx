// The two traces laid over each other as a drawing.
import { useMemo } from 'react';
import type { Change } from '../../compare/change';
import { signed } from '../../compare/words';
import { duration } from '../../format/duration';
import { GraphCanvas, type Looks } from '../../graph/GraphCanvas';
import { ServiceBox } from '../../graph/ServiceBox';
import type { Sketch } from '../../graph/shape';
import { plainly, widthFor } from '../../graph/text';
import { useUrl } from '../../url/useUrl';
import css from './compare.module.css';
import { DiffFacts } from './DiffFacts';
import type { Shown } from './DiffRows';

const HEIGHT = 46;
const COLOURS: Record<Change, string> = {
  same: 'var(--line-strong)',
  added: 'var(--warn)',
  removed: 'var(--accent)',
  more: 'var(--bad)',
  fewer: 'var(--good)',
};

export function DiffGraph({ a, b, nodes, changes, places, by }: Shown) {
  const { get, set } = useUrl();
  const { sketch, looks } = useMemo(() => {
    const texts = places.map(place => {
      const { a, b, service, operation } = nodes[place]!;
      const times = signed((b?.duration ?? 0) - (a?.duration ?? 0), duration);
      const counts = `${a?.spans ?? 0} → ${b?.spans ?? 0} spans`;
      return { name: plainly(operation), below: `${plainly(service)} · ${by === 'structure' ? counts : times}` };
    });
    const boxes = texts.map(({ name, below }, at) => ({
      id: String(places[at]),
      width: widthFor(name, below),
      height: HEIGHT,
    }));
    const arrows = places.flatMap(place => {
      const { parent } = nodes[place]!;
      return parent < 0 ? [] : [{ from: String(parent), to: String(place) }];
    });
    const sketch: Sketch = { boxes, arrows, direction: 'right' };
    const looks: Looks = {
      box: at => <ServiceBox {...boxes[at]!} {...texts[at]!} colour={COLOURS[changes[places[at]!]!]} />,
      boxTitle: at => `${texts[at]!.name} ${texts[at]!.below}`,
      arrow: () => ({ label: '', title: '', tone: 'plain', width: 1.5 }),
    };
    return { sketch, looks };
  }, [nodes, changes, places, by]);
  const selected = get('selected');
  const node = nodes[places.find(place => String(place) === selected) ?? -1];
  return (
    <div className={css.graph}>
      {node && <DiffFacts {...{ a, b, node }} onClose={() => set({ selected: undefined })} />}
      <GraphCanvas
        title="Paths of both traces"
        sketch={sketch}
        looks={looks}
        selected={sketch.boxes.findIndex(({ id }) => id === selected)}
        onSelect={at => set({ selected: sketch.boxes[at]!.id === selected ? undefined : sketch.boxes[at]!.id })}
      />
      <p className={css.legend}>
        <span style={{ background: COLOURS.more }} /> {by === 'structure' ? 'more spans in B' : 'slower in B'}
        <span style={{ background: COLOURS.fewer }} /> {by === 'structure' ? 'fewer spans in B' : 'faster in B'}
        <span style={{ background: COLOURS.added }} /> only in B
        <span style={{ background: COLOURS.removed }} /> only in A
        <span style={{ background: COLOURS.same }} /> the same
      </p>
    </div>
  );
}
