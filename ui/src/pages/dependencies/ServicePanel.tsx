// What the chosen service calls and who calls it, and where to go from it.
import { Link as To } from 'react-router';
import { boot } from '../../config/boot';
import { errorRate, type Link } from '../../dependencies/links';
import { number, percent } from '../../format/count';
import { line } from '../../format/text';
import css from './dependencies.module.css';

interface Props {
  service: string;
  links: Link[];
  focused: boolean;
  search: string;
  onSelect(service: string): void;
  onFocus(service: string): void;
  onClose(): void;
}

export function ServicePanel({ service, links, focused, search, onSelect, onFocus, onClose }: Props) {
  const callers = links.filter(({ child }) => child === service);
  const called = links.filter(({ parent }) => parent === service);
  return (
    <aside className={css.panel} aria-label={`Service ${line(service)}`}>
      <div className={css.panelHead}>
        <h2>
          <bdi>{line(service)}</bdi>
        </h2>
        <button type="button" className="plain" onClick={onClose} aria-label="Close">
          ✕
        </button>
      </div>
      <div className={css.actions}>
        {!focused && (
          <button type="button" className="primary" onClick={() => onFocus(service)}>
            Focus
          </button>
        )}
        <To className="button" to={search}>
          Traces
        </To>
        {boot.can.metrics && boot.ui.monitor.menuEnabled && (
          <To className="button" to={`/monitor?${new URLSearchParams({ service })}`}>
            Monitor
          </To>
        )}
      </div>
      <Ends title="Called by" links={callers} name={({ parent }) => parent} onSelect={onSelect} />
      <Ends title="Calls" links={called} name={({ child }) => child} onSelect={onSelect} />
    </aside>
  );
}

interface EndsProps {
  title: string;
  links: Link[];
  name(link: Link): string;
  onSelect(service: string): void;
}

function Ends({ title, links, name, onSelect }: EndsProps) {
  const most = [...links].sort((a, b) => b.callCount - a.callCount);
  return (
    <section>
      <h3>{title}</h3>
      {links.length === 0 && <p className="dim">nobody, as far as spans say</p>}
      <ul className={css.ends}>
        {most.map(link => {
          const rate = errorRate(link);
          return (
            <li key={name(link)}>
              <button type="button" className="plain cut" onClick={() => onSelect(name(link))}>
                <bdi>{line(name(link))}</bdi>
              </button>
              <span className="number">
                {number(link.callCount)}
                {rate ? <span className="bad"> {percent(rate)}</span> : null}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
