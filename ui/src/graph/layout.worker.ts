// A layout takes seconds for some hundreds of boxes: it is made beside the page, not in it.
import { place } from './place';
import type { Drawing, Sketch } from './shape';

export type Placed = { drawing: Drawing } | { failed: string };

self.onmessage = (message: MessageEvent<Sketch>) => {
  let placed: Placed;
  try {
    placed = { drawing: place(message.data) };
  } catch (error) {
    placed = { failed: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(placed);
};
