// Traces by URL or from a file, built by the worker.
import { apiUrl, Refused, words } from '../api/http';
import { Trace } from './Trace';
import type { Done, Order } from './worker';

/** Traces, and what the server says of those that it left out. */
export interface Loaded {
  traces: Trace[];
  errors: string[];
}

let worker: Worker | undefined;
let orders = 0;
const waiting = new Map<number, (done: Done) => void>();

function give(order: DistributiveOmit<Order, 'number'>): Promise<Done> {
  if (!worker) {
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Done>) => {
      waiting.get(data.number)?.(data);
      waiting.delete(data.number);
    };
  }
  const number = ++orders;
  worker.postMessage({ ...order, number });
  return new Promise(resolve => waiting.set(number, resolve));
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function loaded(done: Done): Loaded {
  if ('traces' in done) return { traces: done.traces.map(data => new Trace(data)), errors: done.errors };
  if (done.status === 0) throw new Refused(0, 'no answer from the server; is it running, and reachable from here?');
  throw new Refused(done.status, done.status === 200 ? done.body : words(done.body, done.status));
}

/** Traces out of files: the server does not know them. */
const kept = new Map<string, Trace>();

/** Whether a trace is of a file, and no server has it. */
export function isOfFile(id: string): boolean {
  return kept.has(id);
}

/** One trace; `raw` is as stored, without adjusting. */
export async function loadTrace(id: string, raw = false): Promise<Trace> {
  const ofFile = kept.get(id);
  if (ofFile) return ofFile;
  const url = apiUrl(`/api/traces/${encodeURIComponent(id)}`, raw ? { raw: true } : {});
  const { traces, errors } = loaded(await give({ url: absolute(url) }));
  const [trace] = traces;
  if (!trace || trace.size === 0) throw new Refused(404, errors[0] ?? 'trace not found');
  return trace;
}

/** Several traces; those that are not found stand in `errors`. */
export async function loadTraces(ids: string[]): Promise<Loaded> {
  const known = ids.flatMap(id => kept.get(id) ?? []);
  const asked = ids.filter(id => !kept.has(id));
  if (asked.length === 0) return { traces: known, errors: [] };
  const { traces, errors } = loaded(await give({ url: absolute(apiUrl('/api/traces', { traceID: asked })) }));
  return { traces: [...known, ...traces], errors };
}

/**
 * Traces of a file: the API's own JSON, alone or in a list, or OTLP JSON, which the server transforms. Until the page
 * is left they are found by their ids like any other.
 */
export async function loadFile(text: string): Promise<Loaded> {
  const file = await readFile(text);
  if (!file.traces.some(trace => trace.size > 0)) {
    throw new Refused(200, 'there are no spans in this file; choose a trace as saved by this page, or OTLP JSON');
  }
  for (const trace of file.traces) kept.set(trace.id, trace);
  return file;
}

async function readFile(text: string): Promise<Loaded> {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Refused(200, 'this file is no JSON; choose a trace as saved by this page, or OTLP JSON');
  }
  if (typeof given === 'object' && given !== null && 'resourceSpans' in given) {
    const init = { method: 'POST', body: text };
    return loaded(await give({ url: absolute(apiUrl('/api/transform')), init }));
  }
  const list = Array.isArray(given) ? given : ((given as { data?: unknown })?.data ?? [given]);
  const bytes = new TextEncoder().encode(JSON.stringify({ data: list }));
  return loaded(await give({ bytes }));
}

/** A worker knows no <base>. */
function absolute(url: string): string {
  return new URL(url, location.origin).href;
}
