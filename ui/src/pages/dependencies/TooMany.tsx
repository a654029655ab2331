// More services than a drawing can be read with: choose one to begin from.
import type { Traffic } from '../../dependencies/links';
import { number } from '../../format/count';
import { line } from '../../format/text';
import css from './dependencies.module.css';

interface Props {
  services: string[];
  most: number;
  traffic: Map<string, Traffic>;
  onFocus(service: string): void;
  onTable(): void;
}

const OFFERED = 30;

export function TooMany({ services, most, traffic, onFocus, onTable }: Props) {
  const weight = (service: string) => (traffic.get(service)?.calls ?? 0) + (traffic.get(service)?.called ?? 0);
  const busiest = [...services].sort((a, b) => weight(b) - weight(a)).slice(0, OFFERED);
  return (
    <section className={css.many} aria-label="Too many services to draw">
      <h2>
        {number(services.length)} services are more than the {number(most)} that are drawn at once
      </h2>
      <p>
        Choose a service above to see what is around it, or one of the busiest here, or see{' '}
        <button type="button" className="plain" onClick={onTable}>
          all calls as a table
        </button>
      </p>
      <ul>
        {busiest.map(service => (
          <li key={service}>
            <button type="button" onClick={() => onFocus(service)}>
              <bdi>{line(service, 60)}</bdi> <span className="dim">{number(weight(service))}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
