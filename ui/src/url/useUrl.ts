// The page's state is its URL: what a parameter says is what is shown, and a link shows what its sender saw.
import { useCallback, useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';

/** `undefined` and the empty text take a parameter away; a list writes it several times. */
export type Change = Record<string, string | number | string[] | undefined>;

export interface Url {
  params: URLSearchParams;
  get(name: string): string;
  /** Changes parameters without a new entry in the history. */
  set(change: Change): void;
  /** The same as a step that the reader can go back from. */
  push(change: Change): void;
}

export function useUrl(): Url {
  const { search } = useLocation();
  const navigate = useNavigate();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const go = useCallback(
    (change: Change, replace: boolean) => {
      // From the address bar, so that two changes in one event add up.
      const next = changed(window.location.search, change);
      if (next !== window.location.search) navigate({ search: next, hash: window.location.hash }, { replace });
    },
    [navigate],
  );
  const set = useCallback((change: Change) => go(change, true), [go]);
  const push = useCallback((change: Change) => go(change, false), [go]);
  const get = useCallback((name: string) => params.get(name) ?? '', [params]);
  return useMemo(() => ({ params, get, set, push }), [params, get, set, push]);
}

/** A query with parameters changed. */
export function changed(search: string, change: Change): string {
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    params.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text && `?${text}`;
}
