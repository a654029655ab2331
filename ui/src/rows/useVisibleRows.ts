// Of a list of rows of one height only those near the window are there; the page itself scrolls.
import { type RefObject, useEffect, useRef, useState } from 'react';

export interface VisibleRows<E> {
  /** The element that is as high as all rows. */
  frame: RefObject<E | null>;
  /** Rows `from` to before `to`. */
  from: number;
  to: number;
}

/** Rows drawn beyond each edge, so that a turn of the wheel shows no gap. */
const BEYOND = 20;

export function useVisibleRows<E extends HTMLElement>(count: number, rowHeight: number): VisibleRows<E> {
  const frame = useRef<E>(null);
  const [range, setRange] = useState({ from: 0, to: 2 * BEYOND });
  useEffect(() => {
    let asked = 0;
    const look = () => {
      asked = 0;
      const top = frame.current?.getBoundingClientRect().top ?? 0;
      const next = visible(-top, window.innerHeight, count, rowHeight);
      setRange(range => (range.from === next.from && range.to === next.to ? range : next));
    };
    const ask = () => {
      asked ||= requestAnimationFrame(look);
    };
    look();
    // Caught on its way down: whatever scrolls, the rows move.
    document.addEventListener('scroll', ask, { capture: true, passive: true });
    window.addEventListener('resize', ask);
    return () => {
      cancelAnimationFrame(asked);
      document.removeEventListener('scroll', ask, { capture: true });
      window.removeEventListener('resize', ask);
    };
  }, [count, rowHeight]);
  return { frame, from: Math.min(range.from, count), to: Math.min(range.to, count) };
}

/** In steps of `BEYOND / 2`, so that not each pixel of a scroll draws anew. */
export function visible(
  scrolled: number,
  screen: number,
  count: number,
  rowHeight: number,
): { from: number; to: number } {
  const step = BEYOND / 2;
  const first = Math.floor(scrolled / rowHeight / step) * step - step;
  const last = Math.ceil((scrolled + screen) / rowHeight / step) * step + step;
  const from = Math.max(0, Math.min(first, count));
  return { from, to: Math.max(from, Math.min(last, count)) };
}
