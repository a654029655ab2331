// Spans that hold a word: in their names, id, tags, process or events. Read a slice at a time, since each span's tags
// are still JSON: the page goes on while it looks.
import type { Tag, Trace } from '../trace/Trace';

/** How long it reads without a pause. */
const SLICE_MS = 8;

/** A span matches if it holds one of them. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
}

/** For each row whether it holds one of the words. Gives up where the signal says so. */
export async function find(trace: Trace, words: string[], signal: AbortSignal): Promise<Uint8Array | undefined> {
  const found = new Uint8Array(trace.size);
  const processes = trace.processes.map(process => inTags(process.tags, words) || hit(process.serviceName, words));
  let pause = performance.now() + SLICE_MS;
  for (let row = 0; row < trace.size; row++) {
    if (matches(trace, row, words, processes)) found[row] = 1;
    if ((row & 63) === 0 && performance.now() > pause) {
      await new Promise(resolve => setTimeout(resolve));
      if (signal.aborted) return undefined;
      pause = performance.now() + SLICE_MS;
    }
  }
  return found;
}

function matches(trace: Trace, row: number, words: string[], processes: boolean[]): boolean {
  if (processes[trace.columns.process[row]!] || hit(trace.operation(row), words)) return true;
  if (words.includes(trace.ids[row]!.toLowerCase())) return true;
  const { tags, logs } = trace.details(row);
  return inTags(tags, words) || logs.some(log => inTags(log.fields, words));
}

function inTags(tags: Tag[], words: string[]): boolean {
  return tags.some(({ key, value }) => hit(key, words) || hit(String(value), words) || hit(`${key}=${value}`, words));
}

function hit(text: string, words: string[]): boolean {
  const lower = text.toLowerCase();
  return words.some(word => lower.includes(word));
}
