// What an event says, in one line.
import { line } from '../format/text';
import type { Log, Trace } from '../trace/Trace';
import type { Entry } from './entries';

/** Fields that say it in words stand first, without their keys. */
const WORDS = ['event', 'message', 'msg'];
const LONGEST = 600;

export function textOf(log: Log | undefined): string {
  const words: string[] = [];
  const others: string[] = [];
  for (const { key, value } of log?.fields ?? []) {
    const text = line(typeof value === 'object' ? JSON.stringify(value) : String(value), LONGEST);
    if (WORDS.includes(key)) words.push(text);
    else others.push(`${line(key, LONGEST)}=${text}`);
  }
  return line([...words, ...others].join(' '), LONGEST);
}

/** Reads the events of a span once, however often they are looked at one after the other. */
export class Reader {
  private readonly trace: Trace;
  private row = -1;
  private logs: Log[] = [];

  constructor(trace: Trace) {
    this.trace = trace;
  }

  log({ row, event }: Entry): Log | undefined {
    if (row !== this.row) {
      this.logs = this.trace.details(row).logs;
      this.row = row;
    }
    return this.logs[event];
  }
}
