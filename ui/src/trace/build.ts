// Bytes of an answer -> traces: the scanner cuts, `Spans` collects, the tree orders, and columns are laid out by row.
import { criticalPath } from './criticalPath';
import { type Cut, type Piece, Scanner } from './scan';
import { selfTime } from './selfTime';
import { Names, processes, Spans } from './spans';
import { type Columns, ORPHAN, type TraceData } from './Trace';
import { type Tree, tree } from './tree';

const utf8 = new TextDecoder();

/** Takes an answer as it arrives. */
export class Builder {
  private readonly scanner = new Scanner();
  private readonly spans = new Map<Cut, Spans>();
  private bytes: Uint8Array<ArrayBuffer>;
  private length = 0;

  constructor(expected = 1 << 20) {
    this.bytes = new Uint8Array(expected);
    this.scanner.onSpan = (trace, piece) => {
      const spans = this.spans.get(trace) ?? new Spans();
      this.spans.set(trace, spans);
      spans.push(this.read(piece), piece.from, piece.to);
    };
  }

  push(chunk: Uint8Array): void {
    if (this.length + chunk.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + chunk.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(chunk, this.length);
    this.length += chunk.length;
    this.scanner.scan(this.bytes, this.length);
  }

  /** The traces, and what the answer says of those that are missing. */
  finish(): { traces: TraceData[]; errors: string[] } {
    if (!this.scanner.whole) throw new Error('the answer stopped before its end; load it again');
    const errors = this.scanner.errors ? (this.read(this.scanner.errors) as { msg?: string }[]) : [];
    return {
      traces: this.scanner.traces.map(cut => this.trace(cut)),
      errors: errors.map(error => error.msg ?? 'unknown error'),
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: JSON of others; each reader looks at what it takes.
  private read(piece: Piece): any {
    return JSON.parse(utf8.decode(this.bytes.subarray(piece.from, piece.to)));
  }

  private trace(cut: Cut): TraceData {
    const spans = this.spans.get(cut) ?? new Spans();
    const known = processes(spans.processIds, cut.processes ? this.read(cut.processes) : {});
    const services = new Names();
    const serviceOf = known.map(process => services.place(process.serviceName));
    const { order, ...laidOut } = tree(spans.ids, spans.parents, spans.start);
    return {
      traceId: spans.traceId,
      size: spans.size,
      columns: columns(spans, serviceOf, order, laidOut),
      ids: Array.from(order, span => spans.ids[span]!),
      services: services.list,
      operations: spans.operations.list,
      peers: spans.peers.list,
      processes: known,
      warnings: cut.warnings ? this.read(cut.warnings) : [],
      moved: spans.moved,
      notMoved: spans.notMoved,
      bytes: this.bytes.subarray(0, this.length),
    };
  }
}

function columns(spans: Spans, serviceOf: number[], order: Int32Array, rows: Omit<Tree, 'order'>): Columns {
  const { parent, depth, end, orphan } = rows;
  const size = order.length;
  const start = Float64Array.from(order, span => spans.start[span]!);
  const duration = Float64Array.from(order, span => spans.duration[span]!);
  const process = Int32Array.from(order, span => spans.processId[span]!);
  const eventFrom = new Int32Array(size + 1);
  const eventTime = new Float64Array(spans.eventTime.length);
  let events = 0;
  for (let row = 0; row < size; row++) {
    const span = order[row]!;
    for (let event = spans.eventFrom[span]!; event < spans.eventFrom[span + 1]!; event++) {
      eventTime[events++] = spans.eventTime[event]!;
    }
    eventFrom[row + 1] = events;
  }
  const critical = criticalPath({ start, duration, end, parent });
  return {
    start,
    duration,
    self: selfTime(start, duration, end),
    parent,
    depth,
    end,
    service: process.map(place => serviceOf[place]!),
    operation: Int32Array.from(order, span => spans.operation[span]!),
    process,
    flags: Uint8Array.from(order, (span, row) => spans.flags[span]! | (orphan[row] ? ORPHAN : 0)),
    peer: Int32Array.from(order, span => spans.peer[span]!),
    from: Uint32Array.from(order, span => spans.from[span]!),
    to: Uint32Array.from(order, span => spans.to[span]!),
    eventFrom,
    eventTime,
    criticalRow: critical.row,
    criticalFrom: critical.from,
    criticalTo: critical.to,
  };
}
