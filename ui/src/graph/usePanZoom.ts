// Pointers, wheel and keys move a view over a drawing: drag and two fingers, the wheel at the pointer, arrows, + - 0.
import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { Point } from './shape';
import { first, pan, type Size, type View, whole, zoomAt } from './view';

const STEP = 1.25;
/** Pixels that a pointer may move and still be a click. */
const CLICK = 4;

export interface PanZoom {
  frame: RefObject<SVGSVGElement | null>;
  view: View;
  /** By a factor, in the middle. */
  zoom(factor: number): void;
  showAll(): void;
  move(dx: number, dy: number): void;
  size(): Size;
  handlers: {
    onPointerDown(event: PointerEvent): void;
    onPointerMove(event: PointerEvent): void;
    onPointerUp(event: PointerEvent): void;
    onPointerCancel(event: PointerEvent): void;
    onClickCapture(event: { stopPropagation(): void }): void;
    onKeyDown(event: KeyboardEvent): void;
  };
}

/** `around` is what must be seen at first. */
export function usePanZoom(drawing: Size, around: Point): PanZoom {
  const frame = useRef<SVGSVGElement>(null);
  const [view, setView] = useState<View>({ zoom: 1, x: 0, y: 0 });
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const moved = useRef(0);

  const size = useCallback((): Size => {
    const { clientWidth: width = 1, clientHeight: height = 1 } = frame.current ?? {};
    return { width, height };
  }, []);
  const { width, height } = drawing;
  const showAll = useCallback(() => setView(whole({ width, height }, size())), [width, height, size]);
  const { x, y } = around;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a drawing; what is chosen later moves nothing.
  useLayoutEffect(() => setView(first({ width, height }, size(), { x, y })), [width, height, size]);

  useEffect(() => {
    const element = frame.current;
    // React listens to the wheel passively, and then the document would scroll with it.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
      const factor = STEP ** (-Math.sign(event.deltaY) * Math.min(1, Math.abs(event.deltaY) / 100));
      setView(view => zoomAt(view, factor, event.clientX - left, event.clientY - top));
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);

  const move = useCallback((dx: number, dy: number) => setView(view => pan(view, dx, dy)), []);
  const zoom = useCallback(
    (factor: number) => {
      const { width, height } = size();
      setView(view => zoomAt(view, factor, width / 2, height / 2));
    },
    [size],
  );

  function onPointerDown(event: PointerEvent) {
    if (event.button !== 0) return;
    if (pointers.current.size === 0) moved.current = 0;
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  function onPointerMove(event: PointerEvent) {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    // Let go where nothing of ours heard it.
    if (event.buttons === 0) return onPointerUp(event);
    const now = { x: event.clientX, y: event.clientY };
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    moved.current += Math.abs(dx) + Math.abs(dy);
    if (moved.current <= CLICK) return;
    // Only now, so that a click still reaches the box under it.
    event.currentTarget.setPointerCapture(event.pointerId);
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    if (!other) return move(dx, dy);
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const factor = distance(now, other) / Math.max(1, distance(before, other));
    setView(view => zoomAt(view, factor, other.x - left, other.y - top));
  }

  function onPointerUp(event: PointerEvent) {
    pointers.current.delete(event.pointerId);
  }

  function onClickCapture(event: { stopPropagation(): void }) {
    if (moved.current > CLICK) event.stopPropagation();
    moved.current = 0;
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === '+' || event.key === '=') zoom(STEP);
    else if (event.key === '-') zoom(1 / STEP);
    else if (event.key === '0') showAll();
    else return;
    event.preventDefault();
  }

  const handlers = {
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel: onPointerUp,
    onClickCapture,
    onKeyDown,
  };
  return { frame, view, zoom, showAll, move, size, handlers };
}

function distance(one: { x: number; y: number }, other: { x: number; y: number }): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
