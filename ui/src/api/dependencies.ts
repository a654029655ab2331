// Who calls whom.
import { useQuery } from '@tanstack/react-query';
import { apiUrl, data } from './http';

export interface Call {
  parent: string;
  child: string;
  callCount: number;
  /** Only from a server of this project. */
  errorCount?: number;
}

/** Calls within `lookback` before `end`, both in milliseconds. */
export function useDependencies(end: number, lookback: number) {
  return useQuery({
    queryKey: ['dependencies', end, lookback],
    queryFn: ({ signal }) => data<Call[]>(apiUrl('/api/dependencies', { endTs: end, lookback }), [], signal),
  });
}
