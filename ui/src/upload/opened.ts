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
