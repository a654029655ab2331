// What a file with traces may look like, brought to the two shapes that are read: this API's own JSON, and OTLP's.

const WANTED = 'choose traces as saved by this page or by /api/traces, or OTLP in JSON';

/** The same traces as one JSON text. */
export function shaped(text: string): string {
  const values = parsed(text);
  const spans = values.flatMap(resourceSpans);
  if (spans.length > 0) return JSON.stringify({ resourceSpans: spans });
  return JSON.stringify({ data: values.flatMap(traces) });
}

/** One JSON value, or one a line as OpenTelemetry's collector writes files. */
function parsed(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (error) {
    const all = text.split('\n').filter(line => line.trim() !== '');
    if (all.length < 2) throw new Error(`this file is no JSON (${words(error)}); ${WANTED}`);
    return all.map((line, at) => {
      try {
        return JSON.parse(line);
      } catch (error) {
        throw new Error(`line ${at + 1} of this file is no JSON (${words(error)}); ${WANTED}`);
      }
    });
  }
}

/** OTLP's, also within an answer of `/api/v3/traces`, which is saved as it comes. */
function resourceSpans(value: unknown): unknown[] {
  const own = field(value, 'resourceSpans') ?? field(field(value, 'result'), 'resourceSpans');
  return Array.isArray(own) ? own : [];
}

function traces(value: unknown): unknown[] {
  const list = Array.isArray(value) ? value : (field(value, 'data') ?? [value]);
  const all = (Array.isArray(list) ? list : [list]).filter(trace => Array.isArray(field(trace, 'spans')));
  if (all.length === 0) throw new Error(`there are no traces in this file; ${WANTED}`);
  return all;
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
