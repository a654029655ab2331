// How wide the names are: dragged, or moved by arrow keys, and kept in the browser.
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import css from './timeline.module.css';

const KEY = 'jaeger-name-width';
const [NARROWEST, WIDEST] = [160, 800];

export function useNameWidth() {
  const [width, setWidth] = useState(stored);
  const change = (to: number) => {
    const next = Math.round(Math.min(WIDEST, Math.max(NARROWEST, to)));
    setWidth(next);
    try {
      localStorage.setItem(KEY, String(next));
    } catch {
      // It lasts until the page is left.
    }
  };
  const drag = (event: PointerEvent<HTMLElement>) => {
    const handle = event.currentTarget;
    const begin = event.clientX - width;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = move => change(move.clientX - begin);
    handle.onpointerup = () => {
      handle.onpointermove = null;
    };
  };
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -20, ArrowRight: 20 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    change(width + by);
  };
  const separator = (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved.
    <div
      className={css.separator}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the names"
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={keys}
    />
  );
  return { width, separator };
}

function stored(): number {
  const fitting = window.innerWidth < 1000 ? 260 : 380;
  try {
    return Number(localStorage.getItem(KEY)) || fitting;
  } catch {
    return fitting;
  }
}
