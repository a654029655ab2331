// Reads files and keeps what is in them.
import { loadFile } from '../trace/load';
import { addOpened } from './opened';
import { shaped } from './shape';

/** A text of JavaScript cannot be longer. */
const LARGEST = 500_000_000;

export async function openFiles(files: Iterable<File>): Promise<void> {
  for (const file of files) {
    try {
      if (file.size > LARGEST) throw new Error('this file is over 500 MB; save fewer traces in one');
      const { traces, errors } = await loadFile(shaped(await file.text()));
      addOpened({ name: file.name, traces, error: errors.join('; ') });
    } catch (error) {
      addOpened({ name: file.name, traces: [], error: error instanceof Error ? error.message : String(error) });
    }
  }
}
