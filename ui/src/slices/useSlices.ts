// A list made item by item in slices; undefined until all of it is there.
import { useEffect, useState } from 'react';
import { inSlices } from './inSlices';

export interface Sliced<T> {
  list: T[] | undefined;
  /** 0 to 1. */
  done: number;
}

/** `make` must keep its identity while it makes the same; without one nothing is made. */
export function useSlices<T>(count: number, make: ((at: number) => T) | undefined): Sliced<T> {
  const [made, setMade] = useState<{ by: typeof make; list: T[] }>();
  const [done, setDone] = useState(0);
  useEffect(() => {
    if (!make) return;
    const stop = new AbortController();
    const list: T[] = [];
    setDone(0);
    inSlices(
      count,
      at => list.push(make(at)),
      stop.signal,
      at => !stop.signal.aborted && setDone(at / count),
    ).then(() => !stop.signal.aborted && setMade({ by: make, list }));
    return () => stop.abort();
  }, [count, make]);
  return { list: made && made.by === make ? made.list : undefined, done };
}
