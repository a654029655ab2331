// Traces of files that were opened. They are in this page alone: no server has them, and a reload forgets them.
import { useSyncExternalStore } from 'react';
import type { Trace } from '../trace/Trace';

export interface OpenedFile {
  name: string;
  traces: Trace[];
  /** Why it could not be read; empty if it was. */
  error: string;
}

let files: readonly OpenedFile[] = [];
const listeners = new Set<() => void>();

/** The trace of this id, of the file that was opened last. */
export function openedTrace(id: string): Trace | undefined {
  const wanted = plain(id);
  for (const { traces } of [...files].reverse()) {
    const found = traces.find(trace => plain(trace.id) === wanted);
    if (found) return found;
  }
  return undefined;
}

export function addOpened(file: OpenedFile): void {
  files = [...files.filter(({ name }) => name !== file.name), file];
  for (const listener of listeners) listener();
}

export function useOpened(): readonly OpenedFile[] {
  return useSyncExternalStore(listen, () => files);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Ids are the same with and without zeros before them. */
function plain(id: string): string {
  return id.toLowerCase().replace(/^0+/, '');
}
