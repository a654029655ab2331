// Who calls whom: a range of time, all services or those around one, drawn or as a table.
import { useMemo } from 'react';
import { useDependencies } from '../../api/dependencies';
import bar from '../../bar/bar.module.css';
import { Choice } from '../../bar/Choice';
import { Empty, Failure, Loading } from '../../components/states';
import { boot } from '../../config/boot';
import { around, type Link, merged, servicesOf, trafficOf } from '../../dependencies/links';
import { count } from '../../format/count';
import { line } from '../../format/text';
import { length, searchParams } from '../../range/lookback';
import { RangePicker } from '../../range/RangePicker';
import { useRange } from '../../range/useRange';
import { useTitle } from '../../url/useTitle';
import { useUrl } from '../../url/useUrl';
import css from './dependencies.module.css';
import { LinkTable } from './LinkTable';
import { ServiceGraph } from './ServiceGraph';
import { ServicePanel } from './ServicePanel';
import { TooMany } from './TooMany';

/** Calls away from the focus that are shown unless the URL says more. */
const DEPTH = 2;
const DEEPEST = 20;

export default function Dependencies() {
  const { get, set, push } = useUrl();
  const range = useRange('1w');
  useTitle(get('service') ? `System around ${line(get('service'), 60)}` : 'System');
  const { data, error, isPending, refetch } = useDependencies(Math.round(range.end), length(range));
  const all = useMemo(() => merged(data ?? []), [data]);
  const services = useMemo(() => servicesOf(all), [all]);

  const focus = get('service');
  const depth = Math.min(DEEPEST, Math.max(1, Math.floor(Number(get('depth'))) || DEPTH));
  const asTable = get('view') === 'table';
  const selected = get('selected');
  const links = useMemo(() => (focus ? around(all, { service: focus, depth }) : all), [all, focus, depth]);
  const shown = useMemo(() => servicesOf(links), [links]);
  const traffic = useMemo(() => trafficOf(all), [all]);

  const focusOn = (service: string) => push({ service, selected: service || undefined });
  const select = (service: string) => set({ selected: service === selected ? undefined : service });
  const search = (service: string, failed: boolean) =>
    `/search?${new URLSearchParams({
      service,
      ...searchParams(range.lookback, range),
      limit: '20',
      ...(failed ? { tags: '{"error":"true"}' } : {}),
    })}`;
  const most = boot.ui.dependencies.dagMaxNumServices;

  return (
    <div className={css.page}>
      <div className={`${bar.bar} ${bar.lined}`}>
        <h1>System</h1>
        <RangePicker range={range} />
        <FocusForm services={services} focus={focus} onFocus={focusOn} />
        {focus && (
          <label>
            Calls away
            <input
              type="number"
              className={css.depth}
              min="1"
              max={DEEPEST}
              value={depth}
              onChange={event => set({ depth: Number(event.target.value) === DEPTH ? undefined : event.target.value })}
            />
          </label>
        )}
        <Choice
          legend="Show as"
          value={asTable ? 'table' : 'graph'}
          options={{ graph: 'Graph', table: 'Table' }}
          onChange={view => set({ view: view === 'graph' ? undefined : view })}
        />
        {data && (
          <span className={`dim ${css.told}`} role="status">
            {count(shown.length, 'service')}, {count(calls(links), 'call')}
          </span>
        )}
      </div>
      {body()}
    </div>
  );

  function body() {
    if (error) return <Failure what="calls between services" error={error} retry={refetch} />;
    if (isPending) return <Loading what="calls between services" />;
    if (all.length === 0) return <Nothing />;
    if (links.length === 0) {
      return (
        <Empty title={`Nobody calls ${line(focus)}, and it calls nobody`}>
          <p>In this range of time. Choose a longer one, or another service.</p>
          <button type="button" onClick={() => focusOn('')}>
            Show all services
          </button>
        </Empty>
      );
    }
    if (asTable) return <LinkTable links={links} search={search} />;
    if (shown.length > most) {
      const { onFocus, onTable } = { onFocus: focusOn, onTable: () => set({ view: 'table' }) };
      return <TooMany {...{ services: shown, most, traffic, onFocus, onTable }} />;
    }
    return (
      <div className={css.body}>
        <ServiceGraph {...{ links, services: shown, traffic, selected, onSelect: select }} />
        {traffic.has(selected) && (
          <ServicePanel
            service={selected}
            links={all}
            focused={focus === selected}
            search={search(selected, false)}
            onSelect={service => set({ selected: service })}
            onFocus={focusOn}
            onClose={() => set({ selected: undefined })}
          />
        )}
      </div>
    );
  }
}

function Nothing() {
  return (
    <Empty title="No service called another in this range of time">
      <p>
        Choose a longer range. If there are traces: a call is counted when both sides sent their span, about a minute
        after the later one came. With Elasticsearch or Cassandra and no collector of this project, Jaeger's
        spark-dependencies job writes them.
      </p>
    </Empty>
  );
}

interface FocusProps {
  services: string[];
  focus: string;
  onFocus(service: string): void;
}

function FocusForm({ services, focus, onFocus }: FocusProps) {
  return (
    <label>
      Around
      <select value={focus} onChange={event => onFocus(event.target.value)}>
        <option value="">all services</option>
        {focus && !services.includes(focus) && <option value={focus}>{line(focus, 60)}</option>}
        {services.map(service => (
          <option key={service} value={service}>
            {line(service, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}

function calls(links: Link[]): number {
  return links.reduce((sum, { callCount }) => sum + callCount, 0);
}
