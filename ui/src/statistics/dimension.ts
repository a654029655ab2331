// By what spans may be grouped: `service`, `operation`, `kind`, or `tag:KEY`.
import type { Trace } from '../trace/Trace';
import type { NameOf } from './groups';

export const DIMENSIONS = ['service', 'operation', 'kind'] as const;

/** The tag's key, or undefined where it is no tag. */
export function tagOf(dimension: string): string | undefined {
  return dimension.startsWith('tag:') ? dimension.slice(4) : undefined;
}

/** Names of what every span has; undefined for a tag. */
export function nameOf(trace: Trace, dimension: string): NameOf | undefined {
  switch (dimension) {
    case 'service':
      return row => trace.service(row);
    case 'operation':
      return row => trace.operation(row);
    case 'kind':
      return row => trace.kind(row) || undefined;
    default:
      return undefined;
  }
}

/** The value of a tag of a span, or of its process. */
export function tagValue(trace: Trace, row: number, key: string): string | undefined {
  const tag =
    trace.details(row).tags.find(tag => tag.key === key) ?? trace.process(row).tags.find(tag => tag.key === key);
  return tag && String(tag.value);
}

const LOOKED_AT = 300;

/** Keys to choose from: those of some spans, spread over the trace. */
export function someKeys(trace: Trace): string[] {
  const keys = new Set<string>();
  const step = Math.max(1, Math.floor(trace.size / LOOKED_AT));
  for (let row = 0; row < trace.size; row += step) {
    for (const { key } of trace.details(row).tags) keys.add(key);
  }
  for (const { tags } of trace.processes) for (const { key } of tags) keys.add(key);
  return [...keys].sort();
}
