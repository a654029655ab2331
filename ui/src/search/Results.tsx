// What a search found: the plot, and a list that can be sorted and chosen from.
import { lazy, Suspense, useMemo, useState } from 'react';
import { Link } from 'react-router';
import type { Found, Summary } from '../api/summaries';
import { count } from '../format/count';
import { useEmbed } from '../url/embed';
import { useUrl } from '../url/useUrl';
import css from './Results.module.css';
import { Row } from './Row';
import { SORTS, sorted } from './sort';

const Scatter = lazy(() => import('./Scatter'));

interface Props {
  found: Found;
  /** A newer answer is on its way. */
  busy: boolean;
  limit: number;
}

export function Results({ found, busy, limit }: Props) {
  const url = useUrl();
  const { hideGraph } = useEmbed();
  const [chosen, setChosen] = useState<string[]>([]);
  const sort = url.get('sort');
  const list = useMemo(() => sorted(found.summaries, sort), [found, sort]);
  const longest = Math.max(...list.map(summary => summary.duration), 0);
  const marks = useMemo(() => marksOf(url.params.getAll('span')), [url]);
  const pathOf = (summary: Summary) => {
    const marked = marks.get(summary.traceId);
    return `/trace/${summary.traceId}${marked ? `?uiFind=${encodeURIComponent(marked)}` : ''}`;
  };
  const choose = (id: string, on: boolean) =>
    // The two chosen last.
    setChosen(before => [...before.filter(other => other !== id), ...(on ? [id] : [])].slice(-2));
  return (
    <section aria-label="Found traces" aria-busy={busy} className={busy ? css.busy : undefined}>
      {!hideGraph && (
        <Suspense fallback={<div className={css.plotSpace} />}>
          <Scatter summaries={list} pathOf={pathOf} />
        </Suspense>
      )}
      <div className={css.head}>
        <h1>{count(list.length, 'trace')}</h1>
        {found.truncated && (
          <span className={css.cut} role="status">
            The newest {limit}; there are more. Raise the limit, or narrow the search.
          </span>
        )}
        {found.leftOut && (
          <span className="bad" role="alert">
            Left out: {found.leftOut}
          </span>
        )}
        <span className={css.tools}>
          {chosen.length === 2 ? (
            <Link className="button" to={`/trace/${chosen[0]}...${chosen[1]}?cohort=${chosen[0]}&cohort=${chosen[1]}`}>
              Compare the two
            </Link>
          ) : (
            <span className="dim">{chosen.length === 1 ? 'Choose another to compare' : 'Choose two to compare'}</span>
          )}
          <button type="button" className="plain" onClick={() => save(list)} title="Save these traces as a file">
            Save
          </button>
          <label>
            <span className="heard">Order</span>
            <select value={sort || 'recent'} onChange={event => url.set({ sort: event.target.value })}>
              {SORTS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        </span>
      </div>
      <ol className={css.list}>
        {list.map(summary => (
          <Row
            key={summary.traceId}
            summary={summary}
            longest={longest}
            to={pathOf(summary)}
            chosen={chosen.includes(summary.traceId)}
            choose={on => choose(summary.traceId, on)}
          />
        ))}
      </ol>
    </section>
  );
}

async function save(list: Summary[]): Promise<void> {
  const { saveTraces } = await import('../download/traces');
  await saveTraces(
    list.map(summary => summary.traceId),
    'traces.json',
  );
}

/** `span=a b@trace`: spans that the trace is to be opened with. */
function marksOf(given: string[]): Map<string, string> {
  return new Map(
    given.flatMap(mark => {
      const [spans = '', trace = ''] = mark.split('@');
      return trace ? [[trace, spans] as const] : [];
    }),
  );
}
