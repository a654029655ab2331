// Spans in the order in which they came: what the scanner's pieces say, column by column.
import { readSkew, type Skew } from './skew';
import { CLIENT, CONSUMER, ERROR, INTERNAL, PRODUCER, type Process, SERVER, type Tag, WARNED } from './Trace';

/** A list of texts in which each stands once. */
export class Names {
  readonly list: string[] = [];
  private readonly places = new Map<string, number>();

  place(name: string): number {
    let place = this.places.get(name);
    if (place === undefined) {
      place = this.list.length;
      this.list.push(name);
      this.places.set(name, place);
    }
    return place;
  }
}

const KINDS: Record<string, number> = {
  client: CLIENT,
  server: SERVER,
  producer: PRODUCER,
  consumer: CONSUMER,
  internal: INTERNAL,
};

/** Tags that name who was called, the best first. */
const PEERS = [
  'peer.service',
  'db.system',
  'db.system.name',
  'db.type',
  'messaging.system',
  'server.address',
  'net.peer.name',
];

interface RawSpan {
  spanID?: string;
  operationName?: string;
  references?: { refType?: string; traceID?: string; spanID?: string }[] | null;
  /** Of documents written by early versions. */
  parentSpanID?: string;
  startTime?: number;
  duration?: number;
  tags?: Tag[] | null;
  logs?: { timestamp?: number }[] | null;
  processID?: string;
  warnings?: string[] | null;
}

export class Spans {
  readonly ids: string[] = [];
  readonly parents: string[] = [];
  readonly start: number[] = [];
  readonly duration: number[] = [];
  readonly flags: number[] = [];
  readonly operation: number[] = [];
  readonly processId: number[] = [];
  readonly peer: number[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly eventFrom: number[] = [0];
  readonly eventTime: number[] = [];
  readonly operations = new Names();
  readonly processIds = new Names();
  readonly peers = new Names();
  readonly moved: Skew = { spans: 0, most: 0 };
  readonly notMoved: Skew = { spans: 0, most: 0 };
  traceId = '';

  get size(): number {
    return this.ids.length;
  }

  /** Adds a span that stands at `from..to` of the answer. */
  push(raw: RawSpan & { traceID?: string }, from: number, to: number): void {
    // A span without a start has no place in time.
    if (!raw.startTime) return;
    if (!this.traceId) this.traceId = raw.traceID ?? '';
    this.ids.push(raw.spanID ?? '');
    this.parents.push(parentOf(raw));
    this.start.push(raw.startTime);
    // Some clients send an end before the start.
    this.duration.push(Math.max(0, raw.duration ?? 0));
    this.operation.push(this.operations.place(raw.operationName ?? ''));
    this.processId.push(this.processIds.place(raw.processID ?? ''));
    this.from.push(from);
    this.to.push(to);
    for (const log of raw.logs ?? []) this.eventTime.push(log.timestamp ?? 0);
    this.eventFrom.push(this.eventTime.length);
    for (const warning of raw.warnings ?? []) readSkew(warning, this.moved, this.notMoved);
    this.tags(raw);
  }

  private tags(raw: RawSpan) {
    let flags = raw.warnings && raw.warnings.length > 0 ? WARNED : 0;
    let peer = '';
    let best = PEERS.length;
    for (const { key, value } of raw.tags ?? []) {
      if (key === 'error' && (value === true || value === 'true')) flags |= ERROR;
      else if (key === 'span.kind') flags |= KINDS[String(value)] ?? 0;
      else {
        const rank = PEERS.indexOf(key);
        if (rank >= 0 && rank < best) {
          best = rank;
          peer = String(value);
        }
      }
    }
    this.flags.push(flags);
    this.peer.push(peer && flags & (CLIENT | PRODUCER) ? this.peers.place(peer) : -1);
  }
}

/** The first reference to a span of the same trace that it is a child of, else the first to the same trace at all. */
function parentOf(raw: RawSpan & { traceID?: string }): string {
  let follows = '';
  for (const reference of raw.references ?? []) {
    if (reference.traceID !== raw.traceID || !reference.spanID) continue;
    if (reference.refType === 'CHILD_OF') return reference.spanID;
    follows ||= reference.spanID;
  }
  return follows || raw.parentSpanID || '';
}

/** `processes` of the answer by the numbers of `ids`. */
export function processes(ids: Names, raw: Record<string, Partial<Process> | undefined>): Process[] {
  return ids.list.map(id => ({
    serviceName: raw[id]?.serviceName || 'unknown-service',
    tags: raw[id]?.tags ?? [],
  }));
}
