// The services of a trace with their colours; a click shows one's spans alone.
import { useMemo } from 'react';
import { number } from '../format/count';
import { line } from '../format/text';
import { serviceColours } from '../theme/colours';
import type { Trace } from '../trace/Trace';
import { useUrl } from '../url/useUrl';
import css from './bars.module.css';

/** More are one click away. */
const SHOWN = 30;

export function Services({ trace }: { trace: Trace }) {
  const { params, set } = useUrl();
  const only = params.getAll('only');
  const services = useMemo(() => counted(trace), [trace]);
  if (services.length < 2 && only.length === 0) return null;
  const toggle = (name: string) =>
    set({ only: only.includes(name) ? only.filter(other => other !== name) : [...only, name] });
  return (
    <fieldset className={css.services}>
      <legend className="heard">Only spans of</legend>
      {services.slice(0, SHOWN).map(({ name, spans, colour }) => (
        <button
          key={name}
          type="button"
          className={css.service}
          aria-pressed={only.includes(name)}
          onClick={() => toggle(name)}
          title={`Only spans of ${line(name)}`}
        >
          <i style={{ background: colour }} />
          {line(name, 40)} <span className="dim">{number(spans)}</span>
        </button>
      ))}
      {services.length > SHOWN && <span className="dim">{services.length - SHOWN} more services</span>}
      {only.length > 0 && (
        <button type="button" className={css.service} onClick={() => set({ only: undefined })}>
          Show all
        </button>
      )}
    </fieldset>
  );
}

function counted(trace: Trace) {
  const spans = new Array<number>(trace.services.length).fill(0);
  for (const service of trace.columns.service) spans[service]!++;
  const colours = serviceColours(trace.services);
  return trace.services
    .map((name, place) => ({ name, spans: spans[place]!, colour: colours[place]! }))
    .sort((a, b) => b.spans - a.spans);
}
