// Nothing is stored yet: how a first span gets here. The page looks again by itself and opens the first trace.
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { apiUrl, data } from '../api/http';
import { useLedger } from '../api/ledger';
import { findSummaries } from '../api/summaries';
import { Copy } from '../components/Copy';
import { boot } from '../config/boot';
import { count } from '../format/count';
import css from './FirstSteps.module.css';
import { queryOf } from './query';
import { waysToSend } from './ways';

const LOOK_AGAIN_MS = 2_000;

export function FirstSteps() {
  const navigate = useNavigate();
  const { data: ledger } = useLedger();
  const { data: first } = useQuery({ queryKey: ['first'], refetchInterval: LOOK_AGAIN_MS, queryFn: firstTrace });
  useEffect(() => {
    if (first) navigate(`/trace/${first}`);
  }, [first, navigate]);
  return (
    <section className={css.steps} aria-label="No traces yet">
      <h1>No traces yet</h1>
      {ledger && (
        <p>
          {count(ledger.received, 'span')} received so far, {count(ledger.refused, 'span')} refused,{' '}
          {count(ledger.dropped, 'span')} dropped.
          {ledger.refused > 0 && ' Who sent the refused ones was told why; the log says it too.'}
        </p>
      )}
      <p>
        Send a span in one of these ways, or run <code>make demo</code> for five stories of a shop. This page opens the
        first trace as soon as it is there.
      </p>
      {waysToSend(location.hostname, boot.ports).map(way => (
        <div key={way.title} className={css.way}>
          <h2>{way.title}</h2>
          <Copy text={way.text} />
          <pre>{way.text}</pre>
        </div>
      ))}
      <p className="dim">
        Nothing comes? See that the sender reaches this host and those ports, and that it samples: a sampler of 0.001
        sends one trace in a thousand.
      </p>
    </section>
  );
}

/** The id of a trace, as soon as there is one. */
async function firstTrace({ signal }: { signal: AbortSignal }): Promise<string | null> {
  const services = await data<string[]>(apiUrl('/api/services'), [], signal);
  if (services.length === 0) return null;
  const query = queryOf(new URLSearchParams({ lookback: boot.ui.search.maxLookback.value, limit: '1' }));
  if (!boot.can.searchAll) query.service = services[0]!;
  const found = await findSummaries(query, Date.now() * 1000, signal);
  return found.summaries[0]?.traceId ?? null;
}
