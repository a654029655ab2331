// The drawing of a sketch, when the worker has made it. A newer sketch ends the work on the one before.
import { useEffect, useState } from 'react';
import type { Placed } from './layout.worker';
import type { Drawing, Sketch } from './shape';

export type DrawingState =
  | { is: 'working' }
  | { is: 'drawn'; sketch: Sketch; drawing: Drawing }
  | { is: 'failed'; why: string };

/** The sketch must keep its identity while nothing in it changes. */
export function useDrawing(sketch: Sketch): DrawingState {
  const [state, setState] = useState<DrawingState>({ is: 'working' });
  useEffect(() => {
    const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = (message: MessageEvent<Placed>) => {
      const placed = message.data;
      setState(
        'failed' in placed ? { is: 'failed', why: placed.failed } : { is: 'drawn', sketch, drawing: placed.drawing },
      );
    };
    worker.onerror = event =>
      setState({ is: 'failed', why: event.message || "the layout's script could not be loaded" });
    worker.postMessage(sketch);
    return () => worker.terminate();
  }, [sketch]);
  return state;
}
