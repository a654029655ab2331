// Which of the shown rows are near the window. Rows are of one height, but for a few with details open below them.
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

export const ROW = 26;
/** Rows drawn beyond each edge. */
const BEYOND = 12;
const STEP = 4;

/** Places of rows with details, in their order, and how high those are. */
export interface Opened {
  places: number[];
  heights: number[];
}

/** Pixels from the first row's top to a place's. */
export function topOf(place: number, { places, heights }: Opened): number {
  let top = place * ROW;
  for (let at = 0; at < places.length && places[at]! < place; at++) top += heights[at]!;
  return top;
}

/** The place at so many pixels. */
export function placeAt(top: number, { places, heights }: Opened): number {
  let below = 0;
  for (let at = 0; at < places.length; at++) {
    const edge = (places[at]! + 1) * ROW + below;
    if (top < edge) break;
    if (top < edge + heights[at]!) return places[at]!;
    below += heights[at]!;
  }
  return Math.floor((top - below) / ROW);
}

export interface Viewport {
  frame: RefObject<HTMLDivElement | null>;
  from: number;
  to: number;
  /** Scrolls so that a place is in view, in the window's upper part if it was not. */
  show(place: number): void;
}

export function useViewport(count: number, opened: Opened): Viewport {
  const frame = useRef<HTMLDivElement>(null);
  const latest = useRef(opened);
  latest.current = opened;
  const [range, setRange] = useState({ from: 0, to: 60 });
  const look = useCallback(() => {
    const top = frame.current?.getBoundingClientRect().top ?? 0;
    // In steps, so that not each row scrolled past is a drawing.
    const step = (place: number) => Math.max(0, Math.round(place / STEP) * STEP);
    const from = step(placeAt(-top, latest.current) - BEYOND);
    const to = step(placeAt(window.innerHeight - top, latest.current) + BEYOND);
    setRange(range => (range.from === from && range.to === to ? range : { from, to }));
  }, []);
  useEffect(() => {
    let asked = 0;
    const ask = () => {
      asked ||= requestAnimationFrame(() => {
        asked = 0;
        look();
      });
    };
    // Also when rows came or went.
    if (count >= 0) look();
    document.addEventListener('scroll', ask, { capture: true, passive: true });
    window.addEventListener('resize', ask);
    return () => {
      cancelAnimationFrame(asked);
      document.removeEventListener('scroll', ask, { capture: true });
      window.removeEventListener('resize', ask);
    };
  }, [look, count]);
  const show = useCallback((place: number) => {
    const rows = frame.current;
    const scroller = rows?.closest('main');
    if (!rows || !scroller) return;
    const window = scroller.getBoundingClientRect();
    const top = rows.getBoundingClientRect().top + topOf(place, latest.current) - window.top;
    const margin = 4 * ROW;
    if (top < margin + STICKY || top > window.height - margin) scroller.scrollTop += top - window.height / 3;
  }, []);
  return { frame, from: Math.min(range.from, count), to: Math.min(range.to, count), show };
}

/** What stands fixed above the rows. */
const STICKY = 90;
