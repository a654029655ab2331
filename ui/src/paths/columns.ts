// The columns of a trace that a path tree is made of.
import { ERROR, type Trace } from '../trace/Trace';
import type { SpanColumns } from './pathTree';

export function columnsOf(trace: Trace): SpanColumns {
  const { parent, duration, self, service, operation } = trace.columns;
  return {
    length: trace.size,
    parent,
    duration,
    self,
    critical: criticalTime(trace),
    failed: failedOf(trace),
    serviceOf: service,
    operationOf: operation,
    service: row => trace.service(row),
    operation: row => trace.operation(row),
  };
}

/** 1 for each row whose span failed. */
export function failedOf(trace: Trace): Uint8Array {
  return trace.columns.flags.map(flags => (flags & ERROR ? 1 : 0));
}

/** Microseconds of each row on the critical path. */
export function criticalTime(trace: Trace): Float64Array {
  const { criticalRow, criticalFrom, criticalTo } = trace.columns;
  const critical = new Float64Array(trace.size);
  criticalRow.forEach((row, at) => {
    critical[row]! += criticalTo[at]! - criticalFrom[at]!;
  });
  return critical;
}
