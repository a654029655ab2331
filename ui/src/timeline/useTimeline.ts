// What the URL says of the timeline: closed spans, open details, the zoom, what is looked for and what is hidden.
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { Trace } from '../trace/Trace';
import { useUrl } from '../url/useUrl';
import { type Collapse, closedRows, readCollapse, toggled, writeCollapse } from './collapse';
import { find, wordsOf } from './find';
import { placeOf, visibleRows } from './visible';
import { readZoom, writeZoom, type Zoom } from './zoom';

export interface Timeline {
  zoom: Zoom;
  setZoom(zoom: Zoom): void;
  collapse: Collapse;
  setCollapse(collapse: Collapse): void;
  toggle(row: number): void;
  /** For each row 1 if its children are hidden. */
  closed: Uint8Array;
  /** Rows that are shown. */
  rows: Int32Array;
  /** For each row 1 if it is looked for; undefined where nothing is. */
  wanted: Uint8Array | undefined;
  /** How many are. */
  hits: number;
  searching: boolean;
  /** Whether the rest is hidden, and not only dimmed. */
  hiding: boolean;
  /** Rows whose details are open. */
  open: Set<number>;
  toggleDetails(row: number): void;
  /** The row that keys move; -1 for none. */
  focus: number;
  setFocus(row: number): void;
}

/** Details that a link may open: each is measured. */
const MOST_OPEN = 20;

export function useTimeline(trace: Trace): Timeline {
  const { get, params, set } = useUrl();
  const zoom = useMemo(() => readZoom(get('from'), get('to'), trace.duration), [get, trace]);
  const collapseText = get('collapse');
  const collapse = useMemo(() => readCollapse(collapseText), [collapseText]);
  const closed = useMemo(() => closedRows(trace, collapse), [trace, collapse]);
  const { found, searching } = useFind(trace, get('uiFind'));
  const services = params.getAll('only').join('\n');
  const wanted = useMemo(() => both(found, inServices(trace, services)), [found, trace, services]);
  const hits = useMemo(() => (wanted ? wanted.reduce((sum, hit) => sum + hit, 0) : 0), [wanted]);
  // A service that was chosen hides the others; words do if they are told to.
  const hiding = services !== '' || get('find') === 'hide';
  const rows = useMemo(() => visibleRows(trace, closed, hiding ? wanted : undefined), [trace, closed, hiding, wanted]);
  const openText = get('open');
  const open = useMemo(
    () =>
      new Set(
        openText
          .split(',')
          .slice(0, MOST_OPEN)
          .map(id => trace.row(id))
          .filter(row => row >= 0),
      ),
    [openText, trace],
  );
  const span = get('span');
  const focus = span ? trace.row(span) : -1;

  const setZoom = useCallback((zoom: Zoom) => set(writeZoom(zoom, trace.duration)), [set, trace]);
  const setCollapse = useCallback((collapse: Collapse) => set({ collapse: writeCollapse(collapse) }), [set]);
  const setFocus = useCallback((row: number) => set({ span: trace.ids[row] }), [set, trace]);
  const toggle = useCallback(
    (row: number) => setCollapse(toggled(readCollapse(get('collapse')), trace.ids[row]!)),
    [setCollapse, get, trace],
  );
  const toggleDetails = useCallback(
    (row: number) => {
      const id = trace.ids[row]!;
      const ids = get('open').split(',').filter(Boolean);
      const next = ids.includes(id) ? ids.filter(other => other !== id) : [...ids, id].slice(-MOST_OPEN);
      set({ open: next.join(','), span: id });
    },
    [get, set, trace],
  );
  return {
    zoom,
    setZoom,
    collapse,
    setCollapse,
    toggle,
    closed,
    rows,
    wanted,
    hits,
    searching,
    hiding,
    open,
    toggleDetails,
    focus,
    setFocus,
  };
}

/** The row behind or before one among those that are shown, and that are looked for where something is. */
export function neighbour({ rows, wanted, hits }: Timeline, row: number, step: 1 | -1): number {
  if (rows.length === 0) return -1;
  const here = row < 0 ? -1 : placeOf(rows, row);
  for (let place = here + step; place >= 0 && place < rows.length; place += step) {
    if (!wanted || hits === 0 || wanted[rows[place]!]) return rows[place]!;
  }
  return row < 0 ? rows[0]! : row;
}

function useFind(trace: Trace, text: string): { found: Uint8Array | undefined; searching: boolean } {
  const asked = useDeferredValue(text);
  const words = useMemo(() => wordsOf(asked), [asked]);
  const [answer, setAnswer] = useState<{ trace: Trace; words: string[]; found: Uint8Array }>();
  useEffect(() => {
    if (words.length === 0) return;
    const giveUp = new AbortController();
    // Not at each letter of a trace of fifty thousand spans.
    const timer = setTimeout(async () => {
      const found = await find(trace, words, giveUp.signal);
      if (found) setAnswer({ trace, words, found });
    }, 120);
    return () => {
      clearTimeout(timer);
      giveUp.abort();
    };
  }, [trace, words]);
  if (words.length === 0) return { found: undefined, searching: false };
  const current = answer?.trace === trace && answer.words === words;
  return { found: answer?.trace === trace ? answer.found : undefined, searching: !current };
}

function inServices(trace: Trace, names: string): Uint8Array | undefined {
  if (!names) return undefined;
  const chosen = names.split('\n');
  const wanted = trace.services.map(name => Number(chosen.includes(name)));
  return Uint8Array.from(trace.columns.service, service => wanted[service]!);
}

function both(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  return a && b ? a.map((hit, row) => hit & b[row]!) : (a ?? b);
}
