// How a service does: latency, calls and errors over time and by operation, from /api/metrics/*.
import { useCallback } from 'react';
import { Link } from 'react-router';
import { Refused } from '../../api/http';
import { useServices } from '../../api/names';
import bar from '../../bar/bar.module.css';
import { Empty, Failure, Loading } from '../../components/states';
import { line } from '../../format/text';
import { isEmpty } from '../../monitor/columns';
import { useMonitor } from '../../monitor/useMonitor';
import { searchParams } from '../../range/lookback';
import { RangePicker } from '../../range/RangePicker';
import { useRange } from '../../range/useRange';
import { useTitle } from '../../url/useTitle';
import { useUrl } from '../../url/useUrl';
import { Charts } from './Charts';
import css from './monitor.module.css';
import { Operations } from './Operations';

const KINDS = ['server', 'client', 'producer', 'consumer', 'internal', 'unspecified'];

export default function Monitor() {
  const { get, push } = useUrl();
  const range = useRange(lookbackOf(get('timeframe')) ?? '1h');
  const services = useServices();
  // The first service, as long as nobody chose one.
  const service = get('service') || services.data?.[0] || '';
  useTitle(service ? `Monitor ${line(service, 60)}` : 'Monitor');
  const kind = KINDS.find(kind => kind === get('spanKind')) ?? 'server';
  const { data, error, isPending, refetch } = useMonitor(service, kind, range);
  const { lookback, setRange } = range;

  const search = useCallback(
    (operation: string, only: { atLeastMs?: number; failed?: boolean }) =>
      `/search?${new URLSearchParams({
        service,
        operation,
        ...searchParams(lookback, range),
        limit: '20',
        ...(only.atLeastMs ? { minDuration: `${Math.round(only.atLeastMs * 1000)}us` } : {}),
        ...(only.failed ? { tags: '{"error":"true"}' } : {}),
      })}`,
    [service, lookback, range],
  );

  return (
    <div className={css.page}>
      <div className={`${bar.bar} ${bar.lined}`}>
        <h1>Monitor</h1>
        <label>
          Service
          <select value={service} onChange={event => push({ service: event.target.value })}>
            {!services.data?.includes(service) && <option value={service}>{line(service, 60) || '…'}</option>}
            {services.data?.map(name => (
              <option key={name} value={name}>
                {line(name, 60)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Spans of kind
          <select value={kind} onChange={event => push({ spanKind: event.target.value })}>
            {KINDS.map(kind => (
              <option key={kind} value={kind}>
                {kind}
              </option>
            ))}
          </select>
        </label>
        <RangePicker range={range} />
      </div>
      {body()}
    </div>
  );

  function body() {
    if (services.error) return <Failure what="services" error={services.error} retry={services.refetch} />;
    if (services.data?.length === 0) return <NoService />;
    if (error instanceof Refused && error.status === 501) return <NotCounted words={error.message} />;
    if (error) return <Failure what="figures" error={error} retry={refetch} />;
    if (isPending) return <Loading what="figures" />;
    if (isEmpty(data.calls)) return <NoCalls {...{ service, kind }} onKind={spanKind => push({ spanKind })} />;
    return (
      <>
        <Charts measured={data} range={range} onRange={setRange} />
        <Operations measured={data} search={search} />
      </>
    );
  }
}

/** Links of Jaeger's own page say milliseconds. */
function lookbackOf(timeframe: string): string | undefined {
  const minutes = Math.round(Number(timeframe) / 60_000);
  return minutes > 0 ? (minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`) : undefined;
}

function NoService() {
  return (
    <Empty title="No service has sent a span yet">
      <p>
        <Link to="/search">The search page</Link> says how to send one.
      </p>
    </Empty>
  );
}

interface NoCallsProps {
  service: string;
  kind: string;
  onKind(kind: string): void;
}

function NoCalls({ service, kind, onKind }: NoCallsProps) {
  return (
    <Empty title={`No ${kind} span of ${line(service)} in this range of time`}>
      <p>A span counts about a minute after it began. Choose a longer range, another service, or spans of kind</p>
      <div className={bar.bar}>
        {KINDS.filter(other => other !== kind).map(other => (
          <button key={other} type="button" onClick={() => onKind(other)}>
            {other}
          </button>
        ))}
      </div>
    </Empty>
  );
}

function NotCounted({ words }: { words: string }) {
  return (
    <Empty title="This server counts no calls">
      <p>The server says: {words}.</p>
      <p>
        The memory and embedded stores count by themselves. With another store let the collector write span metrics (
        <code>--collector.span-metrics</code>), let Prometheus scrape it, and start this server with{' '}
        <code>METRICS_STORAGE_TYPE=prometheus</code> and <code>--prometheus.server-url</code>.
      </p>
    </Empty>
  );
}
