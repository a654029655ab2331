// Loads and builds traces beside the page, so that it never stands still.
import { Builder } from './build';
import type { TraceData } from './Trace';

/** What is asked of it: a URL, or a file's bytes. */
export type Order =
  | { number: number; url: string; init?: { method: string; body: string } }
  | { number: number; bytes: Uint8Array };

/** What it answers; `status` is 0 where no answer came, 200 where what came cannot be read. */
export type Done =
  | { number: number; traces: TraceData[]; errors: string[] }
  | { number: number; status: number; body: string };

self.onmessage = async ({ data: order }: MessageEvent<Order>) => {
  const done = await work(order);
  self.postMessage(done, { transfer: 'traces' in done ? buffers(done.traces) : [] });
};

async function work(order: Order): Promise<Done> {
  const { number } = order;
  const builder = new Builder();
  try {
    if ('bytes' in order) builder.push(order.bytes);
    else {
      const response = await fetch(order.url, order.init);
      if (!response.ok) return { number, status: response.status, body: await response.text() };
      const reader = response.body?.getReader();
      for (;;) {
        const piece = await reader?.read();
        if (!piece || piece.done) break;
        builder.push(piece.value);
      }
    }
  } catch {
    return { number, status: 0, body: '' };
  }
  try {
    return { number, ...builder.finish() };
  } catch (error) {
    return { number, status: 200, body: error instanceof Error ? error.message : String(error) };
  }
}

/** Each buffer once: the traces of one answer share its bytes. */
function buffers(traces: TraceData[]): ArrayBuffer[] {
  const all = new Set<ArrayBuffer>();
  for (const trace of traces) {
    all.add(trace.bytes.buffer as ArrayBuffer);
    for (const column of Object.values(trace.columns)) all.add(column.buffer);
  }
  return [...all];
}
