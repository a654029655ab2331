// Keys of the trace page: those of the original, so that hands need not learn anew.
import { useEffect, useRef } from 'react';
import type { Trace } from '../trace/Trace';
import { deeper, OPEN } from './collapse';
import { neighbour, type Timeline } from './useTimeline';
import { panned, zoomed } from './zoom';

export const KEYS: [keys: string[], what: string][] = [
  [['f', 'b'], 'next or previous span, of those found if something is looked for'],
  [['enter'], 'details of the span'],
  [['s', 'w'], 'scroll down or up'],
  [['a', '←', 'd', '→'], 'earlier or later; with shift far'],
  [['↑', '↓'], 'zoom in or out; with shift far'],
  [[']', '['], 'close or open all'],
  [['p', 'o'], 'one level less or more'],
  [['ctrl+b'], 'find'],
  [['esc'], 'clear the find'],
  [['?'], 'this list'],
];

interface Others {
  find(): void;
  clear(): void;
  help(): void;
}

export function useKeys(trace: Trace, state: Timeline, others: Others): void {
  const latest = useRef({ trace, state, others });
  latest.current = { trace, state, others };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      // The list of keys has keys of its own.
      if (document.querySelector('dialog[open]')) return;
      const { trace, state, others } = latest.current;
      if (event.key === 'b' && event.ctrlKey) {
        event.preventDefault();
        return others.find();
      }
      if (event.key === 'Escape') return others.clear();
      if (event.ctrlKey || event.metaKey || event.altKey || taken(event)) return;
      const act = ACTIONS[event.key] ?? ACTIONS[event.key.toLowerCase()];
      if (event.key === '?') others.help();
      else if (act) {
        event.preventDefault();
        act(trace, state, event.shiftKey);
      }
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}

type Action = (trace: Trace, state: Timeline, far: boolean) => void;

const pan =
  (way: 1 | -1): Action =>
  (trace, { zoom, setZoom }, far) =>
    setZoom(panned(zoom, way * (far ? 0.9 : 0.1), trace.duration));
const zoomBy =
  (factor: number): Action =>
  (trace, { zoom, setZoom }, far) =>
    setZoom(zoomed(zoom, far ? factor ** 4 : factor, trace.duration));
const move =
  (step: 1 | -1): Action =>
  (_, state) => {
    const row = neighbour(state, state.focus, step);
    if (row < 0) return;
    state.setFocus(row);
    // So that it is heard too, and the tab key goes on from here.
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>(`[data-row="${row}"] [tabindex="0"]`)?.focus({ preventScroll: true });
    });
  };
const scroll =
  (way: 1 | -1): Action =>
  () =>
    document.querySelector('main')?.scrollBy({ top: way * window.innerHeight * 0.6 });

const ACTIONS: Record<string, Action> = {
  f: move(1),
  b: move(-1),
  s: scroll(1),
  w: scroll(-1),
  a: pan(-1),
  ArrowLeft: pan(-1),
  d: pan(1),
  ArrowRight: pan(1),
  ArrowUp: zoomBy(0.8),
  ArrowDown: zoomBy(1.25),
  ']': (_, { setCollapse }) => setCollapse({ level: 0, except: [] }),
  '[': (_, { setCollapse }) => setCollapse(OPEN),
  p: (trace, { collapse, setCollapse }) => setCollapse(deeper(collapse, trace, -1)),
  o: (trace, { collapse, setCollapse }) => setCollapse(deeper(collapse, trace, 1)),
  Enter: (_, { focus, rows, toggleDetails }) => {
    const row = focus >= 0 ? focus : rows[0];
    if (row !== undefined) toggleDetails(row);
  },
};

/** Where keys are letters, or do what their element does. */
function taken({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const own = key === 'Enter' ? 'input, select, button, a, summary' : 'input, select';
  return target.closest(own) !== null;
}
