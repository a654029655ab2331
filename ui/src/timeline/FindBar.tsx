// Looks for spans: words that are in the URL, what was found, and whether the rest is dimmed or hidden.
import type { RefObject } from 'react';
import { number } from '../format/count';
import { useUrl } from '../url/useUrl';
import css from './bars.module.css';
import { neighbour, type Timeline } from './useTimeline';

export function FindBar({ state, input }: { state: Timeline; input: RefObject<HTMLInputElement | null> }) {
  const { get, set } = useUrl();
  const text = get('uiFind');
  const go = (step: 1 | -1) => {
    const row = neighbour(state, state.focus, step);
    if (row >= 0) state.setFocus(row);
  };
  return (
    <search className={css.find}>
      <input
        ref={input}
        type="search"
        value={text}
        onChange={event => set({ uiFind: event.target.value })}
        onKeyDown={event => event.key === 'Enter' && go(event.shiftKey ? -1 : 1)}
        placeholder="Find in spans…"
        aria-label="Find in spans"
        spellCheck={false}
      />
      {text && (
        <>
          <output className={css.hits}>{state.searching ? '…' : `${number(state.hits)} found`}</output>
          <button type="button" onClick={() => go(-1)} aria-label="Previous that was found" disabled={state.hits === 0}>
            ↑
          </button>
          <button type="button" onClick={() => go(1)} aria-label="Next that was found" disabled={state.hits === 0}>
            ↓
          </button>
          <label className={css.hide}>
            <input
              type="checkbox"
              checked={get('find') === 'hide'}
              onChange={event => set({ find: event.target.checked ? 'hide' : undefined })}
            />
            hide others
          </label>
        </>
      )}
    </search>
  );
}
