// The whole trace at a glance, and which part of it the bars show. Dragging over it shows that part.
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { duration } from '../format/duration';
import { cssValue } from '../theme/colours';
import { listen } from '../theme/preferences';
import { ERROR, type Trace } from '../trace/Trace';
import css from './timeline.module.css';
import type { Zoom } from './zoom';

const HEIGHT = 56;
/** A drag over fewer pixels is a click. */
const CLICK = 4;

interface Props {
  trace: Trace;
  colours: string[];
  zoom: Zoom;
  setZoom(zoom: Zoom): void;
}

export function Minimap({ trace, colours, zoom, setZoom }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  useEffect(() => {
    const drawn = canvas.current;
    if (!drawn) return;
    const again = () => draw(drawn, trace, colours);
    const observer = new ResizeObserver(again);
    observer.observe(drawn);
    const stop = listen(again);
    return () => {
      observer.disconnect();
      stop();
    };
  }, [trace, colours]);

  const part = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const begin = (event: PointerEvent<HTMLElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ from: part(event), to: part(event) });
  };
  const move = (event: PointerEvent<HTMLElement>) => drag && setDrag({ ...drag, to: part(event) });
  const end = (event: PointerEvent<HTMLElement>) => {
    if (!drag) return;
    setDrag(undefined);
    const wide = event.currentTarget.clientWidth;
    const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    if ((to - from) * wide >= CLICK) setZoom({ from: from * trace.duration, to: to * trace.duration });
  };
  const whole = Math.max(1, trace.duration);
  const shown = drag
    ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) }
    : { from: zoom.from / whole, to: zoom.to / whole };
  const all = shown.from <= 0 && shown.to >= 1;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys zoom and pan too, see useKeys.
    <div
      className={css.minimap}
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onDoubleClick={() => setZoom({ from: 0, to: whole })}
      title="Drag to zoom, double click for the whole"
    >
      <canvas ref={canvas} className={css.map} />
      {!all && (
        <>
          <span className={css.outside} style={{ left: 0, width: `${shown.from * 100}%` }} />
          <span className={css.outside} style={{ left: `${shown.to * 100}%`, right: 0 }} />
          <button
            type="button"
            className={css.reset}
            onPointerDown={event => event.stopPropagation()}
            onClick={() => setZoom({ from: 0, to: whole })}
          >
            {duration(shown.from * whole)} – {duration(shown.to * whole)} · show all
          </button>
        </>
      )}
    </div>
  );
}

/** One line a span, from the first row at the top; many spans share a line of pixels. */
function draw(canvas: HTMLCanvasElement, trace: Trace, colours: string[]) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth * scale;
  const height = HEIGHT * scale;
  canvas.width = width;
  canvas.height = height;
  const paint = canvas.getContext('2d');
  if (!paint || trace.size === 0) return;
  const { start, duration: durations, service, flags } = trace.columns;
  const fill = colours.map(colour => cssValue(colour.slice('var('.length, -1)));
  const bad = cssValue('--bad');
  const perMicro = width / Math.max(1, trace.duration);
  const thick = Math.max(scale, Math.min(6 * scale, height / trace.size));
  for (let row = 0; row < trace.size; row++) {
    const failed = flags[row]! & ERROR;
    paint.fillStyle = failed ? bad : fill[service[row]!]!;
    const x = (start[row]! - trace.start) * perMicro;
    const y = Math.floor((row / trace.size) * (height - thick));
    paint.fillRect(x, y, Math.max(scale, durations[row]! * perMicro), thick);
  }
}
