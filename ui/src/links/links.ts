// Links out of a trace that the operator configured (`linkPatterns`): to logs, dashboards, whatever knows more.
import type { LinkPattern } from '../config/uiConfig';
import type { Details, Tag, Trace } from '../trace/Trace';
import { fill, fillUrl, type Lookup } from './template';

export interface OutLink {
  url: string;
  text: string;
}

/** Links of the whole trace. */
export function traceLinks(patterns: LinkPattern[], trace: Trace): OutLink[] {
  return patterns.filter(pattern => pattern.type === 'traces').flatMap(pattern => made(pattern, ofTrace(trace)));
}

/** Links of one tag of a span. */
export function tagLinks(
  patterns: LinkPattern[],
  type: 'process' | 'tags' | 'logs',
  tag: Tag,
  trace: Trace,
  row: number,
  /** The tags around it, which count first: its own list, or the fields of its event. */
  beside: Tag[],
): OutLink[] {
  const fitting = patterns.filter(pattern => pattern.type === type && (pattern.key === '*' || pattern.key === tag.key));
  if (fitting.length === 0) return [];
  const lookup = ofSpan(trace, row, beside);
  return fitting.flatMap(pattern => made(pattern, lookup));
}

function made(pattern: LinkPattern, lookup: Lookup): OutLink[] {
  const url = fillUrl(pattern.url, lookup);
  const text = fill(pattern.text || pattern.url, lookup);
  return url !== undefined && text !== undefined ? [{ url, text }] : [];
}

function ofTrace(trace: Trace): Lookup {
  const known: Record<string, unknown> = {
    traceID: trace.id,
    traceName: trace.size > 0 ? `${trace.service(0)}: ${trace.operation(0)}` : '',
    startTime: trace.start,
    endTime: trace.end,
    duration: trace.duration,
  };
  return name => (Object.hasOwn(known, name) ? known[name] : undefined);
}

/** The list around the tag, the span's own tags, its process, then the same of its ancestors. */
function ofSpan(trace: Trace, row: number, beside: Tag[]): Lookup {
  const ofWhole = ofTrace(trace);
  const inList = (tags: Tag[], name: string) => tags.find(tag => tag.key === name)?.value;
  return name => {
    if (name.startsWith('trace.')) return ofWhole(name.slice('trace.'.length));
    const here = inList(beside, name);
    if (here !== undefined) return here;
    for (let at = row; at >= 0; at = trace.columns.parent[at]!) {
      const details: Details = trace.details(at);
      const found = inList(details.tags, name) ?? inList(trace.process(at).tags, name);
      if (found !== undefined) return found;
      if (at === row) {
        const own: Record<string, unknown> = { spanID: trace.ids[row], startTime: trace.columns.start[row] };
        if (Object.hasOwn(own, name)) return own[name];
      }
    }
    return undefined;
  };
}
