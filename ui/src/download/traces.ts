// Saves traces as one file, in the shape in which the API answers and this page opens.
import { apiUrl, data } from '../api/http';

/** Ids in one request: a URL has its limits. */
const AT_ONCE = 50;

export async function saveTraces(ids: string[], name: string, signal?: AbortSignal): Promise<void> {
  const traces: unknown[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const url = apiUrl('/api/traces', { traceID: ids.slice(at, at + AT_ONCE) });
    traces.push(...(await data<unknown[]>(url, [], signal)));
  }
  save(new Blob([JSON.stringify({ data: traces })], { type: 'application/json' }), name);
}

/** Hands a file to the browser's downloads. */
export function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // Not at once: some browsers only now begin to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
