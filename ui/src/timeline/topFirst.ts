// The operator's choice of what is seen first.
import type { Tag } from '../trace/Trace';

/** Tags whose keys begin with one of the prefixes, in the order of these; then the rest as it was. */
export function topFirst(tags: Tag[], prefixes: string[]): Tag[] {
  const rank = (tag: Tag) => {
    const place = prefixes.findIndex(prefix => tag.key.startsWith(prefix));
    return place < 0 ? prefixes.length : place;
  };
  return [...tags].sort((a, b) => rank(a) - rank(b));
}
