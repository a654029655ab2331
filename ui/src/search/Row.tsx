// A found trace: what it was, how long, how much of it failed, who took part.
import { Link } from 'react-router';
import type { Summary } from '../api/summaries';
import { count, number } from '../format/count';
import { duration } from '../format/duration';
import { line } from '../format/text';
import { ago, dateTime } from '../format/time';
import { serviceColours } from '../theme/colours';
import { useZone } from '../theme/preferences';
import css from './Row.module.css';

interface Props {
  summary: Summary;
  /** µs: the longest of the list, for the bar. */
  longest: number;
  to: string;
  chosen: boolean;
  choose(chosen: boolean): void;
}

/** More are counted. */
const SERVICES = 12;

export function Row({ summary, longest, to, chosen, choose }: Props) {
  const zone = useZone();
  const name = `${line(summary.rootService || 'no root span')}: ${line(summary.rootOperation || 'its first spans are missing')}`;
  const colours = serviceColours(summary.services.map(service => service.name));
  return (
    <li className={css.row}>
      <input
        type="checkbox"
        checked={chosen}
        onChange={event => choose(event.target.checked)}
        aria-label={`Choose ${name} for comparison`}
      />
      <div className={css.body}>
        <div className={css.head}>
          <Link to={to} className={`${css.name} cut`}>
            <span className="dim">{line(summary.rootService || 'no root span')}</span>{' '}
            <strong>{line(summary.rootOperation || 'its first spans are missing')}</strong>
          </Link>
          <code className="dim">{summary.traceId.slice(0, 8)}</code>
          <span className={css.duration}>{duration(summary.duration)}</span>
        </div>
        <div className={css.bar} aria-hidden="true">
          <span
            className={summary.errorSpanCount > 0 ? css.failed : undefined}
            style={{ width: `${longest > 0 ? Math.max(0.4, (summary.duration / longest) * 100) : 0}%` }}
          />
        </div>
        <div className={css.foot}>
          <span>{count(summary.spanCount, 'span')}</span>
          {summary.errorSpanCount > 0 && <span className="bad">{count(summary.errorSpanCount, 'error')}</span>}
          {summary.orphanSpanCount > 0 && (
            <span className={css.warn} title="Their parents have not been received, or no longer are stored">
              {count(summary.orphanSpanCount, 'span')} without parent
            </span>
          )}
          <ul className={css.services} aria-label="Services">
            {summary.services.slice(0, SERVICES).map((service, place) => (
              <li key={service.name}>
                <i style={{ background: colours[place] }} />
                {line(service.name, 40)} <span className="dim">{number(service.spanCount)}</span>
                {service.errorSpanCount > 0 && <span className="bad">{number(service.errorSpanCount)}!</span>}
              </li>
            ))}
            {summary.services.length > SERVICES && <li className="dim">{summary.services.length - SERVICES} more</li>}
          </ul>
          <time className="dim" title={ago(summary.start)}>
            {dateTime(summary.start, zone)}
          </time>
        </div>
      </div>
    </li>
  );
}
