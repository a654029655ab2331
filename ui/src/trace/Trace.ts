// A trace as the page holds it: typed arrays in the order of the tree, so that a span is a row's number and its
// descendants are the rows behind it. Tags, logs and references stay in the answer's bytes and are read for the
// spans that somebody looks at: fifty thousand spans as objects would be a gigabyte.

import type { Skew } from './skew';

/** A tag as the API has it. */
export interface Tag {
  key: string;
  type: string;
  value: unknown;
}

/** What happened within a span. */
export interface Log {
  /** µs since 1970. */
  timestamp: number;
  fields: Tag[];
}

export interface Reference {
  refType: 'CHILD_OF' | 'FOLLOWS_FROM';
  traceID: string;
  spanID: string;
}

export interface Process {
  serviceName: string;
  tags: Tag[];
}

/** What a span has beside its times and names. */
export interface Details {
  tags: Tag[];
  logs: Log[];
  references: Reference[];
  warnings: string[];
}

/** Bits of `Columns.flags`. */
export const ERROR = 1;
/** Names a parent that is not in the trace. */
export const ORPHAN = 2;
export const WARNED = 4;
export const CLIENT = 8;
export const SERVER = 16;
export const PRODUCER = 32;
export const CONSUMER = 64;
export const INTERNAL = 128;

/** One entry a span, in the order of the tree: parents before children, siblings by start. */
export interface Columns {
  /** µs since 1970. */
  start: Float64Array;
  /** µs. */
  duration: Float64Array;
  /** µs in which no child ran. */
  self: Float64Array;
  /** The parent's row, -1 for a root. */
  parent: Int32Array;
  depth: Int32Array;
  /** The row behind the last descendant. */
  end: Int32Array;
  /** Places in `services`, `operations`, `processes`. */
  service: Int32Array;
  operation: Int32Array;
  process: Int32Array;
  flags: Uint8Array;
  /** Place in `peers` of what an uninstrumented callee is called, -1 for none. */
  peer: Int32Array;
  /** Where the span stands in `bytes`. */
  from: Uint32Array;
  to: Uint32Array;
  /** Events of span i: `eventTime[eventFrom[i] .. eventFrom[i + 1]]`, µs since 1970. */
  eventFrom: Int32Array;
  eventTime: Float64Array;
  /** Sections of the critical path: row, from, to in µs since 1970. */
  criticalRow: Int32Array;
  criticalFrom: Float64Array;
  criticalTo: Float64Array;
}

/** All of a trace that may travel from the worker. */
export interface TraceData {
  traceId: string;
  size: number;
  columns: Columns;
  ids: string[];
  services: string[];
  operations: string[];
  peers: string[];
  processes: Process[];
  /** Of the trace itself. */
  warnings: string[];
  /** Spans whose times were adjusted to their parents' clocks, and those that should have been. */
  moved: Skew;
  notMoved: Skew;
  /** The answer; spans are slices of it. */
  bytes: Uint8Array;
}

const utf8 = new TextDecoder();

export class Trace {
  readonly id: string;
  /** Number of spans. */
  readonly size: number;
  readonly columns: Columns;
  /** Span ids by row. */
  readonly ids: string[];
  readonly services: string[];
  readonly processes: Process[];
  readonly warnings: string[];
  readonly moved: Skew;
  readonly notMoved: Skew;
  /** µs since 1970. */
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly errors: number;
  readonly orphans: number;
  readonly roots: number;
  private readonly data: TraceData;
  private rows: Map<string, number> | undefined;

  constructor(data: TraceData) {
    this.data = data;
    this.id = data.traceId;
    this.size = data.size;
    this.columns = data.columns;
    this.ids = data.ids;
    this.services = data.services;
    this.processes = data.processes;
    this.warnings = data.warnings;
    this.moved = data.moved;
    this.notMoved = data.notMoved;
    const { start, duration, depth, flags, parent } = data.columns;
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    let deepest = 0;
    let errors = 0;
    let orphans = 0;
    let roots = 0;
    for (let row = 0; row < data.size; row++) {
      const begin = start[row]!;
      first = Math.min(first, begin);
      last = Math.max(last, begin + duration[row]!);
      deepest = Math.max(deepest, depth[row]! + 1);
      if (flags[row]! & ERROR) errors++;
      if (flags[row]! & ORPHAN) orphans++;
      if (parent[row]! < 0) roots++;
    }
    this.start = data.size > 0 ? first : 0;
    this.end = data.size > 0 ? last : 0;
    this.depth = deepest;
    this.errors = errors;
    this.orphans = orphans;
    this.roots = roots;
  }

  /** µs. */
  get duration(): number {
    return this.end - this.start;
  }

  service(row: number): string {
    return this.services[this.columns.service[row]!] ?? '';
  }

  operation(row: number): string {
    return this.data.operations[this.columns.operation[row]!] ?? '';
  }

  process(row: number): Process {
    return this.processes[this.columns.process[row]!] ?? { serviceName: 'unknown-service', tags: [] };
  }

  /** The name of an uninstrumented callee. */
  peer(row: number): string | undefined {
    return this.data.peers[this.columns.peer[row]!];
  }

  has(row: number, flag: number): boolean {
    return (this.columns.flags[row]! & flag) !== 0;
  }

  /** `client`, `server` and so on; empty if it is not said. */
  kind(row: number): string {
    const flags = this.columns.flags[row]!;
    if (flags & CLIENT) return 'client';
    if (flags & SERVER) return 'server';
    if (flags & PRODUCER) return 'producer';
    if (flags & CONSUMER) return 'consumer';
    return flags & INTERNAL ? 'internal' : '';
  }

  /** Rows of the direct children. */
  children(row: number): number[] {
    const children: number[] = [];
    const { end } = this.columns;
    for (let child = row + 1; child < end[row]!; child = end[child]!) children.push(child);
    return children;
  }

  /** Tags, logs, references and warnings, read from the bytes at each call. */
  details(row: number): Details {
    const { from, to } = this.columns;
    const span = JSON.parse(utf8.decode(this.data.bytes.subarray(from[row]!, to[row]!)));
    return {
      tags: list(span.tags),
      logs: list<Log>(span.logs).map(log => ({ timestamp: log.timestamp, fields: list(log.fields) })),
      references: list(span.references),
      warnings: list(span.warnings),
    };
  }

  /** The span as it came. */
  json(row: number): string {
    const { from, to } = this.columns;
    return utf8.decode(this.data.bytes.subarray(from[row]!, to[row]!));
  }

  /** The answer as it came. */
  get bytes(): Uint8Array {
    return this.data.bytes;
  }

  /** The row of a span id, -1 if there is none; the first if several share it. */
  row(spanId: string): number {
    if (!this.rows) {
      this.rows = new Map();
      for (let row = this.size - 1; row >= 0; row--) this.rows.set(this.ids[row]!, row);
    }
    return this.rows.get(spanId) ?? -1;
  }
}

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
