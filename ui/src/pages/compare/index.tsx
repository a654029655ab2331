// `/trace/{a}...{b}`: two traces laid over each other, by structure and by duration.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNavigate, useParams } from 'react-router';
import { type Pair, pairOf, pathOf } from '../../compare/pair';
import { Empty, Failure, Loading } from '../../components/states';
import { loadTrace } from '../../trace/load';
import type { Trace } from '../../trace/Trace';
import { useTitle } from '../../url/useTitle';
import { useUrl } from '../../url/useUrl';
import { Comparison } from './Comparison';
import css from './compare.module.css';
import { Sides } from './Sides';

export default function Compare() {
  const { id = '' } = useParams();
  const navigate = useNavigate();
  const { params } = useUrl();
  const { a, b } = useMemo(() => pairOf(id), [id]);
  useTitle(a && b ? `Compare ${a.slice(0, 7)} and ${b.slice(0, 7)}` : 'Compare');
  const cohort = useMemo(() => [...new Set(params.getAll('cohort'))], [params]);
  const one = useTrace(a);
  const other = useTrace(b);
  const go = (pair: Pair) => navigate({ pathname: pathOf(pair), search: window.location.search });
  return (
    <div className={css.page}>
      <h1 className="heard">Compare two traces</h1>
      <Sides key={`${a}...${b}`} pair={{ a, b }} traces={{ a: one.data, b: other.data }} cohort={cohort} go={go} />
      {body()}
    </div>
  );

  function body() {
    if (!a || !b) return <Choose which={!a && !b ? 'two traces' : 'the other trace'} />;
    if (one.error) return <Failure what="trace A" error={one.error} retry={one.refetch} />;
    if (other.error) return <Failure what="trace B" error={other.error} retry={other.refetch} />;
    if (!one.data || !other.data) return <Loading what="both traces" />;
    return <Comparison a={one.data} b={other.data} />;
  }
}

function useTrace(id: string) {
  return useQuery<Trace>({
    queryKey: ['compared', id],
    enabled: id !== '',
    queryFn: () => loadTrace(id),
    // Typed arrays are not to be compared field by field.
    structuralSharing: false,
  });
}

function Choose({ which }: { which: string }) {
  return (
    <Empty title={`Choose ${which} to compare`}>
      <p>Write trace IDs above, or select two traces in the results of a search and press Compare.</p>
    </Empty>
  );
}
