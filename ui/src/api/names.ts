// Names of services and operations.
import { useQuery } from '@tanstack/react-query';
import { apiUrl, data, json } from './http';

export interface Operation {
  name: string;
  spanKind: string;
}

export function useServices() {
  return useQuery({
    queryKey: ['services'],
    queryFn: async ({ signal }) => {
      const names = await data<string[]>(apiUrl('/api/services'), [], signal);
      return names.sort((a, b) => a.localeCompare(b));
    },
  });
}

/** Operations of a service, one entry per name and kind. */
export function useOperations(service: string) {
  return useQuery({
    queryKey: ['operations', service],
    enabled: service !== '',
    queryFn: async ({ signal }) => {
      const answer = await json<{ operations?: Partial<Operation>[] }>(
        apiUrl('/api/v3/operations', { service }),
        signal,
      );
      return (answer.operations ?? []).map(({ name = '', spanKind = '' }) => ({ name, spanKind }));
    },
  });
}
