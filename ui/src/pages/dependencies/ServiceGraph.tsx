// The links as a drawing: services in layers, callers above those they call.
import { useMemo } from 'react';
import { errorRate, type Link, type Traffic } from '../../dependencies/links';
import { toneOf, widthOf } from '../../dependencies/tone';
import { count, number, percent } from '../../format/count';
import { GraphCanvas, type Looks } from '../../graph/GraphCanvas';
import { ServiceBox } from '../../graph/ServiceBox';
import type { Sketch } from '../../graph/shape';
import { plainly, widthFor } from '../../graph/text';
import { serviceColours } from '../../theme/colours';

interface Props {
  links: Link[];
  services: string[];
  traffic: Map<string, Traffic>;
  /** Empty for none. */
  selected: string;
  onSelect(service: string): void;
}

const HEIGHT = 46;

export function ServiceGraph({ links, services, traffic, selected, onSelect }: Props) {
  const sketch = useMemo<Sketch>(
    () => ({
      boxes: services.map(id => ({ id, width: widthFor(plainly(id), below(traffic.get(id))), height: HEIGHT })),
      arrows: links.map(({ parent, child }) => ({ from: parent, to: child })),
      direction: 'best',
    }),
    [services, links, traffic],
  );
  const looks = useMemo<Looks>(() => {
    const colours = serviceColours(services);
    const most = links.reduce((most, { callCount }) => Math.max(most, callCount), 1);
    return {
      box: at => (
        <ServiceBox
          {...sketch.boxes[at]!}
          colour={colours[at]!}
          name={plainly(services[at]!)}
          below={below(traffic.get(services[at]!))}
          failed={(traffic.get(services[at]!)?.failed ?? 0) > 0}
        />
      ),
      boxTitle: at => `${plainly(services[at]!)} ${below(traffic.get(services[at]!))}`,
      arrow: at => {
        const link = links[at]!;
        const rate = errorRate(link);
        const failing = rate ? ` · ${percent(rate)} fail` : '';
        return {
          label: `${number(link.callCount)}${failing}`,
          title: `${plainly(link.parent)} calls ${plainly(link.child)}: ${count(link.callCount, 'call')}${failing}`,
          tone: toneOf(rate),
          width: widthOf(link.callCount, most),
        };
      },
    };
  }, [sketch, services, links, traffic]);
  return (
    <GraphCanvas
      title="Calls between services"
      sketch={sketch}
      looks={looks}
      selected={services.indexOf(selected)}
      onSelect={at => onSelect(services[at]!)}
    />
  );
}

function below(traffic: Traffic | undefined): string {
  if (!traffic || traffic.called === 0) return `makes ${count(traffic?.calls ?? 0, 'call')}`;
  const failing = traffic.failed ? ` · ${percent(traffic.failed / traffic.called)} fail` : '';
  return `${count(traffic.called, 'call')}${failing}`;
}
