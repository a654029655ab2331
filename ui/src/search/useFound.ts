// The traces that the URL asks for: found by a search, or given by their ids.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
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
  const [asked, setAsked] = useState(0);
  const ask = useCallback(() => setAsked(asked => asked + 1), []);
  // Not how the list is sorted, or whose spans are marked.
  const { tags, ...plain } = query;
  const key = ids.length > 0 ? ids : [JSON.stringify([plain, Object.entries(tags)])];
  const found = useQuery({
    // Sent once more it is another question: "until now" has moved.
    queryKey: ['found', asked, ...key],
    enabled: ids.length > 0 || canSearch(query),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => (ids.length > 0 ? byIds(ids) : findSummaries(query, Date.now() * 1000, signal)),
  });
  return { ...found, query, ids, ask };
}

async function byIds(ids: string[]): Promise<Found> {
  const { loadTraces } = await import('../trace/load');
  const { traces, errors } = await loadTraces(ids);
  return { summaries: traces.map(summaryOf), truncated: false, leftOut: errors.join('; ') };
}
