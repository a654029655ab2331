// A whole trace as a line of the list: for traces that were asked for by id.
import type { ServiceSummary, Summary } from '../api/summaries';
import { ERROR, type Trace } from '../trace/Trace';

export function summaryOf(trace: Trace): Summary {
  const services = trace.services.map(name => ({ name, spanCount: 0, errorSpanCount: 0 }) as ServiceSummary);
  for (let row = 0; row < trace.size; row++) {
    const service = services[trace.columns.service[row]!]!;
    service.spanCount++;
    if (trace.has(row, ERROR)) service.errorSpanCount++;
  }
  return {
    traceId: trace.id,
    rootService: trace.size > 0 ? trace.service(0) : '',
    rootOperation: trace.size > 0 ? trace.operation(0) : '',
    start: trace.start,
    duration: trace.duration,
    spanCount: trace.size,
    errorSpanCount: trace.errors,
    orphanSpanCount: trace.orphans,
    services: services.sort((a, b) => a.name.localeCompare(b.name)),
  };
}
