// Traces for tests, as small as their point.
import { Builder } from './build';
import { type Tag, Trace } from './Trace';

export interface TestSpan {
  id: string;
  parent?: string;
  start?: number;
  duration?: number;
  service?: string;
  operation?: string;
  tags?: Record<string, string | number | boolean>;
  warnings?: string[];
}

const EPOCH = 1_700_000_000_000_000;

export function testTrace(spans: TestSpan[]): Trace {
  const services = [...new Set(spans.map(span => span.service ?? 'shop'))];
  const tags = (given: TestSpan['tags'] = {}): Tag[] =>
    Object.entries(given).map(([key, value]) => ({ key, type: typeof value, value }));
  const data = [
    {
      traceID: 't',
      spans: spans.map(span => ({
        traceID: 't',
        spanID: span.id,
        operationName: span.operation ?? span.id,
        references: span.parent ? [{ refType: 'CHILD_OF', traceID: 't', spanID: span.parent }] : [],
        startTime: EPOCH + (span.start ?? 0),
        duration: span.duration ?? 1,
        processID: `p${services.indexOf(span.service ?? 'shop')}`,
        tags: tags(span.tags),
        logs: [],
        warnings: span.warnings ?? null,
      })),
      processes: Object.fromEntries(services.map((serviceName, at) => [`p${at}`, { serviceName, tags: [] }])),
    },
  ];
  const builder = new Builder();
  builder.push(new TextEncoder().encode(JSON.stringify({ data })));
  return new Trace(builder.finish().traces[0]!);
}
