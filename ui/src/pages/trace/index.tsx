// `/trace/{id}`: one trace in its views, all made of one answer.
import { lazy, type ReactNode, Suspense, useCallback } from 'react';
import { Link } from 'react-router';
import { Refused } from '../../api/http';
import { Empty, Failure, Loading } from '../../components/states';
import { boot } from '../../config/boot';
import { line } from '../../format/text';
import type { Trace } from '../../trace/Trace';
import { useTitle } from '../../url/useTitle';
import { changed, useUrl } from '../../url/useUrl';
import { Header } from './Header';
import css from './header.module.css';
import { TimelinePage } from './TimelinePage';
import { useTrace } from './useTrace';

const VIEWS = {
  statistics: { name: 'Statistics', view: lazy(() => import('./views/statistics')) },
  flamegraph: { name: 'Flamegraph', view: lazy(() => import('./views/flamegraph')) },
  spans: { name: 'Spans', view: lazy(() => import('./views/spans')) },
  logs: { name: 'Logs', view: lazy(() => import('./views/logs')) },
  graph: { name: 'Graph', view: lazy(() => import('./views/graph')) },
};

type View = keyof typeof VIEWS;

export default function TracePage({ id }: { id: string }) {
  const url = useUrl();
  const raw = url.get('raw') === '1';
  const { data: trace, error, refetch, fresh, looking } = useTrace(id, raw);
  useTitle(trace ? `${line(trace.service(0), 40)}: ${line(trace.operation(0), 60)}` : 'Trace');
  const { push } = url;
  const select = useCallback(
    (row: number) => push({ view: undefined, span: trace?.ids[row], open: trace?.ids[row] }),
    [push, trace],
  );
  // What was shown before stays when the newest answer is an error.
  if (!trace) return error ? <NotThere id={id} error={error} looking={looking} again={refetch} /> : <Waiting id={id} />;
  const name = url.get('view') as View;
  const views = <Views current={Object.hasOwn(VIEWS, name) ? name : undefined} />;
  if (!Object.hasOwn(VIEWS, name)) return <TimelinePage trace={trace} raw={raw} fresh={fresh} views={views} />;
  return <Other trace={trace} raw={raw} fresh={fresh} name={name} views={views} select={select} />;
}

interface OtherProps {
  trace: Trace;
  raw: boolean;
  fresh: boolean;
  name: View;
  views: ReactNode;
  select(row: number): void;
}

function Other({ trace, raw, fresh, name, views, select }: OtherProps) {
  const Shown = VIEWS[name].view;
  return (
    <>
      <Header trace={trace} raw={raw} fresh={fresh}>
        <div className={css.bar}>{views}</div>
      </Header>
      <Suspense fallback={<Loading what="the view" />}>
        <Shown trace={trace} config={boot.ui} select={select} />
      </Suspense>
    </>
  );
}

function Views({ current }: { current: View | undefined }) {
  const { params } = useUrl();
  const to = (view?: View) => ({ search: changed(`?${params}`, { view }) });
  return (
    <nav className={css.views} aria-label="Views of the trace">
      <Link to={to()} aria-current={current ? undefined : 'page'}>
        Timeline
      </Link>
      {Object.entries(VIEWS).map(([view, { name }]) => (
        <Link key={view} to={to(view as View)} aria-current={view === current ? 'page' : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

function Waiting({ id }: { id: string }) {
  return <Loading what={`trace ${line(id, 40)}`} />;
}

function NotThere({ id, error, looking, again }: { id: string; error: unknown; looking: boolean; again(): void }) {
  if (!(error instanceof Refused && error.status === 404)) return <Failure what="trace" error={error} retry={again} />;
  return (
    <Empty title="This trace is not here">
      <p>
        There is no span of <code>{line(id, 40)}</code> in the store.
      </p>
      <p className="dim">
        It may be older than what the store keeps, not sampled, or on its way.{' '}
        {looking ? 'This page looks again every three seconds.' : 'This page has stopped looking.'}
      </p>
      <p>
        <button type="button" onClick={() => again()}>
          Look again
        </button>{' '}
        <Link to="/search" className="button">
          Search
        </Link>
      </p>
    </Empty>
  );
}
