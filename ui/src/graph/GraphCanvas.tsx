// Boxes and arrows that are panned, zoomed and walked by keys. What stands in a box is the caller's.
import { type KeyboardEvent, memo, type ReactNode, useState } from 'react';
import css from './graph.module.css';
import { nearest, type Way } from './nearest';
import { middleOf, smooth } from './path';
import type { Drawing, Sketch } from './shape';
import { useDrawing } from './useDrawing';
import { usePanZoom } from './usePanZoom';

export type Tone = 'plain' | 'good' | 'warn' | 'bad';

export interface ArrowLook {
  /** Stands at the arrow's middle. */
  label: string;
  /** What a screen reader and the pointer's tip say. */
  title: string;
  tone: Tone;
  /** Pixels. */
  width: number;
}

export interface Looks {
  /** Drawn around 0, 0. */
  box(at: number): ReactNode;
  /** What a screen reader and the pointer's tip say of the box. */
  boxTitle(at: number): string;
  arrow(at: number): ArrowLook;
}

interface Props {
  /** What the whole shows. */
  title: string;
  sketch: Sketch;
  looks: Looks;
  /** Place of the box that is chosen, -1 for none. */
  selected: number;
  onSelect(at: number): void;
}

export function GraphCanvas({ title, sketch, looks, selected, onSelect }: Props) {
  const state = useDrawing(sketch);
  if (state.is === 'failed') {
    return (
      <p role="alert" className={css.note}>
        The graph could not be laid out: {state.why}. Load the page again, or show fewer boxes.
      </p>
    );
  }
  // A drawing of the sketch before would put boxes where they are not.
  if (state.is === 'working' || state.sketch !== sketch) {
    return (
      <p role="status" className={css.note}>
        Laying out {sketch.boxes.length} boxes…
      </p>
    );
  }
  return <Canvas {...{ title, sketch, looks, selected, onSelect }} drawing={state.drawing} />;
}

const WAYS: Record<string, Way> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };

function Canvas({ title, sketch, looks, selected, onSelect, drawing }: Props & { drawing: Drawing }) {
  const { frame, view, zoom, showAll, move, size, handlers } = usePanZoom(
    drawing,
    drawing.boxes[selected] ?? { x: drawing.width / 2, y: drawing.height / 2 },
  );
  const [reached, setReached] = useState(Math.max(0, selected));

  function onKeyDown(event: KeyboardEvent) {
    const way = WAYS[event.key];
    if (!way) return handlers.onKeyDown(event);
    event.preventDefault();
    const next = nearest(sketch, drawing, reached, way);
    if (next < 0) return;
    setReached(next);
    show(next);
    frame.current?.querySelector<SVGGElement>(`[data-box="${next}"]`)?.focus({ preventScroll: true });
  }

  /** Moves the view so that the box is in it. */
  function show(at: number) {
    const centre = drawing.boxes[at]!;
    const box = sketch.boxes[at]!;
    const screen = size();
    const [x, y] = [view.x + centre.x * view.zoom, view.y + centre.y * view.zoom];
    const [halfWidth, halfHeight] = [(box.width * view.zoom) / 2 + 16, (box.height * view.zoom) / 2 + 16];
    const into = (value: number, half: number, end: number) =>
      value < half ? half - value : value > end - half ? end - half - value : 0;
    move(into(x, halfWidth, screen.width), into(y, halfHeight, screen.height));
  }

  return (
    <div className={css.graph}>
      <fieldset className={css.zoom}>
        <legend className="heard">Zoom</legend>
        <button type="button" onClick={() => zoom(1.25)} aria-label="Zoom in" title="Zoom in (+)">
          +
        </button>
        <button type="button" onClick={() => zoom(0.8)} aria-label="Zoom out" title="Zoom out (-)">
          −
        </button>
        <button type="button" onClick={showAll} aria-label="Show all" title="Show all (0)">
          ⤢
        </button>
      </fieldset>
      {/* biome-ignore lint/a11y/useSemanticElements: an SVG has no fieldset. */}
      <svg ref={frame} className={css.frame} role="group" aria-label={title} {...handlers} onKeyDown={onKeyDown}>
        <defs>
          {(['plain', 'good', 'warn', 'bad'] as const).map(tone => (
            <marker
              key={tone}
              id={`graph-tip-${tone}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="9"
              markerHeight="9"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 0L8 4L0 8Z" className={`${css.tip} ${css[tone]}`} />
            </marker>
          ))}
        </defs>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.zoom})`}>
          <Content {...{ sketch, drawing, looks, selected, onSelect, reached, setReached }} />
        </g>
      </svg>
    </div>
  );
}

interface ContentProps extends Omit<Props, 'title'> {
  drawing: Drawing;
  reached: number;
  setReached(at: number): void;
}

/** Not drawn again while only the view moves. */
const Content = memo(function Content({
  sketch,
  drawing,
  looks,
  selected,
  onSelect,
  reached,
  setReached,
}: ContentProps) {
  return (
    <>
      {sketch.arrows.map((arrow, at) => {
        const points = drawing.arrows[at] ?? [];
        const { label, title, tone, width } = looks.arrow(at);
        const middle = middleOf(points);
        return (
          <g key={`${arrow.from}\n${arrow.to}`} className={`${css.arrow} ${css[tone]}`}>
            <title>{title}</title>
            <path d={smooth(points)} strokeWidth={width} markerEnd={`url(#graph-tip-${tone})`} />
            {middle && (
              <text x={middle.x} y={middle.y} className={css.label}>
                {label}
              </text>
            )}
          </g>
        );
      })}
      {sketch.boxes.map((box, at) => {
        const { x, y } = drawing.boxes[at]!;
        return (
          // biome-ignore lint/a11y/useSemanticElements: an SVG has no button.
          <g
            key={box.id}
            data-box={at}
            role="button"
            tabIndex={at === reached ? 0 : -1}
            aria-pressed={at === selected}
            className={css.box}
            transform={`translate(${x} ${y})`}
            onFocus={() => setReached(at)}
            onClick={() => onSelect(at)}
            onKeyDown={event => {
              if (event.key !== 'Enter' && event.key !== ' ') return;
              event.preventDefault();
              onSelect(at);
            }}
          >
            <title>{looks.boxTitle(at)}</title>
            {looks.box(at)}
          </g>
        );
      })}
    </>
  );
});
