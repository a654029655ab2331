// `/trace/{id}`: one trace in its views.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Failure, Loading } from '../../components/states';
import { boot } from '../../config/boot';
import { loadTrace } from '../../trace/load';
import { useUrl } from '../../url/useUrl';

const VIEWS = {
  statistics: lazy(() => import('./views/statistics')),
  flamegraph: lazy(() => import('./views/flamegraph')),
  spans: lazy(() => import('./views/spans')),
  logs: lazy(() => import('./views/logs')),
  graph: lazy(() => import('./views/graph')),
};

export default function TracePage({ id }: { id: string }) {
  const url = useUrl();
  const raw = url.get('raw') === '1';
  const {
    data: trace,
    error,
    refetch,
  } = useQuery({
    queryKey: ['trace', id, raw],
    queryFn: () => loadTrace(id, raw),
    structuralSharing: false,
  });
  if (error) return <Failure what="trace" error={error} retry={refetch} />;
  if (!trace) return <Loading what={`trace ${id}`} />;
  const View = VIEWS[url.get('view') as keyof typeof VIEWS];
  if (!View) return <p>{trace.size}</p>;
  return (
    <Suspense fallback={<Loading what="the view" />}>
      <View trace={trace} config={boot.ui} select={row => url.push({ view: undefined, span: trace.ids[row] })} />
    </Suspense>
  );
}
