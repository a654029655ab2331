// `https://logs/?q=#{trace.traceID}`: an operator's pattern with what a span has put in. Each value is encoded, so
// that it stays one part of the URL, and what comes out is a link only if it is http or https.

/** The value of a name, undefined if there is none. */
export type Lookup = (name: string) => unknown;

const HOLE = /#\{([^{}]*)\}/g;

/** The link, or undefined if a value is missing or it would lead somewhere else than to the web. */
export function fillUrl(pattern: string, lookup: Lookup): string | undefined {
  const url = fill(pattern, lookup, text => encodeURIComponent(text));
  if (url === undefined) return undefined;
  try {
    return ['http:', 'https:'].includes(new URL(url, document.baseURI).protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The words of a link; undefined if a value is missing. */
export function fill(pattern: string, lookup: Lookup, encode = (text: string) => text): string | undefined {
  let whole = true;
  const text = pattern.replace(HOLE, (_, inner: string) => {
    const [name = '', ...steps] = inner.split('|').map(part => part.trim());
    let value = lookup(name);
    for (const step of steps) value = apply(step, value);
    if (value === undefined || value === null) whole = false;
    return encode(String(value));
  });
  return whole ? text : undefined;
}

/** `epoch_micros_to_date_iso`, `pad_start 10 0`, `add 1000`: what the original page knows. */
function apply(step: string, value: unknown): unknown {
  const [name, ...given] = step.split(/\s+/);
  if (value === undefined) return undefined;
  switch (name) {
    case 'epoch_micros_to_date_iso': {
      const date = new Date(Number(value) / 1000);
      return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
    }
    case 'pad_start':
      return String(value).padStart(Math.min(1000, Number(given[0]) || 0), given[1] ?? ' ');
    case 'add': {
      const sum = Number(value) + Number(given[0]);
      return Number.isNaN(sum) ? undefined : sum;
    }
    default:
      return value;
  }
}
