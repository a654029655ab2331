// Keeps a trace in the archive.
import { apiUrl, ask } from './http';

export async function archive(traceId: string): Promise<void> {
  await ask(apiUrl(`/api/archive/${encodeURIComponent(traceId)}`), { method: 'POST' });
}
