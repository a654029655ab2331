// The traces that the URL asks for: found by a search, or given by their ids.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Found, findSummaries } from '../api/summaries';
import { boot } from '../config/boot';
import { useUrl } from '../url/useUrl';
import { summaryOf } from './ofTrace';
import { type Query, queryOf } from './query';

/** Whether a search can be made at all: some stores want a service. */
export function canSearch(query: Query): boolean {
  return query.service !== '' || boot.can.searchAll;
}

export function useFound() {
  const { params } = useUrl();
  const ids = params.getAll('traceID');
  const query = useMemo(() => queryOf(params), [params]);
  // Not how the list is sorted, or whose spans are marked.
  const { tags, ...plain } = query;
  const key = ids.length > 0 ? ids : [JSON.stringify([plain, Object.entries(tags)])];
  const found = useQuery({
    queryKey: ['found', ...key],
    enabled: ids.length > 0 || canSearch(query),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => (ids.length > 0 ? byIds(ids) : findSummaries(query, Date.now() * 1000, signal)),
  });
  return { ...found, query, ids };
}

async function byIds(ids: string[]): Promise<Found> {
  const { loadTraces } = await import('../trace/load');
  const { traces, errors } = await loadTraces(ids);
  return { summaries: traces.map(summaryOf), truncated: false, leftOut: errors.join('; ') };
}
