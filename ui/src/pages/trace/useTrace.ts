// The trace of the page, asked for again while it may still grow.
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { Refused } from '../../api/http';
import { loadTrace } from '../../trace/load';
import type { Trace } from '../../trace/Trace';

/** After its last span a trace is taken to be whole. */
const YOUNG_US = 180e6;
const SOONEST_MS = 4_000;
/** A large trace takes this many times as long to rest as it took to load. */
const REST = 12;
/** A link may be faster than the spans: how often a trace that is not there is asked for. */
const TRIES = 20;
const TRY_AGAIN_MS = 3_000;

export function useTrace(id: string, raw: boolean) {
  const took = useRef(0);
  const missing = useRef(0);
  const query = useQuery({
    queryKey: ['trace', id, raw],
    structuralSharing: false,
    queryFn: async () => {
      const began = performance.now();
      try {
        const trace = await loadTrace(id, raw);
        took.current = performance.now() - began;
        return trace;
      } catch (error) {
        if (error instanceof Refused && error.status === 404) missing.current++;
        throw error;
      }
    },
    refetchInterval: ({ state: { data, error } }) => {
      if (error instanceof Refused && error.status === 404 && missing.current < TRIES) return TRY_AGAIN_MS;
      return data && young(data) ? Math.max(SOONEST_MS, took.current * REST) : false;
    },
  });
  return { ...query, fresh: query.data !== undefined && young(query.data), looking: missing.current < TRIES };
}

function young(trace: Trace): boolean {
  const age = Date.now() * 1000 - trace.end;
  // A span of the future says nothing of its trace's age.
  return age < YOUNG_US && age > -YOUNG_US;
}
