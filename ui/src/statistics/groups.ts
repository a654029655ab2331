// Spans of a trace in groups of one name, and in each group in groups of a second one, with what they took.

/** What is grouped; a name that a span does not have is undefined. */
export interface Grouped {
  length: number;
  /** Microseconds. */
  duration: ArrayLike<number>;
  self: ArrayLike<number>;
  /** 1 where the span failed. */
  failed: ArrayLike<number>;
}

export type NameOf = (at: number) => string | undefined;

export interface Figures {
  spans: number;
  failed: number;
  /** Microseconds, of all spans together. */
  total: number;
  mean: number;
  least: number;
  most: number;
  self: number;
  selfMean: number;
  /** What the self time is of the self time of all spans: 0 to 1. */
  selfPart: number;
  /** The span that took longest. */
  longest: number;
}

export interface Group extends Figures {
  /** Undefined for the spans without the name. */
  name: string | undefined;
  groups: Group[];
}

export type Column = 'name' | Exclude<keyof Figures, 'longest'>;

export function groups(spans: Grouped, by: NameOf, then?: NameOf): Group[] {
  let selfOfAll = 0;
  for (let at = 0; at < spans.length; at++) selfOfAll += spans.self[at]!;
  const outer = split(
    Array.from({ length: spans.length }, (_, at) => at),
    by,
  );
  return [...outer].map(([name, members]) => ({
    name,
    ...figures(spans, members, selfOfAll),
    groups: then
      ? [...split(members, then)].map(([inner, of]) => ({ name: inner, ...figures(spans, of, selfOfAll), groups: [] }))
      : [],
  }));
}

function split(spans: number[], by: NameOf): Map<string | undefined, number[]> {
  const found = new Map<string | undefined, number[]>();
  for (const at of spans) {
    const name = by(at);
    const known = found.get(name);
    if (known) known.push(at);
    else found.set(name, [at]);
  }
  return found;
}

function figures(spans: Grouped, members: number[], selfOfAll: number): Figures {
  let [failed, total, self, most] = [0, 0, 0, 0];
  let least = Number.POSITIVE_INFINITY;
  let longest = members[0]!;
  for (const at of members) {
    const duration = spans.duration[at]!;
    if (duration > most) longest = at;
    failed += spans.failed[at]!;
    total += duration;
    self += spans.self[at]!;
    least = Math.min(least, duration);
    most = Math.max(most, duration);
  }
  const count = members.length;
  const selfPart = selfOfAll > 0 ? self / selfOfAll : 0;
  return {
    spans: count,
    failed,
    total,
    mean: total / count,
    least,
    most,
    self,
    selfMean: self / count,
    selfPart,
    longest,
  };
}

/** Sorted by a column, groups within groups too; equals by name, and spans without the name last among equals. */
export function sorted(all: Group[], column: Column, descending: boolean): Group[] {
  const sign = descending ? -1 : 1;
  return all
    .map(group => ({ ...group, groups: sorted(group.groups, column, descending) }))
    .sort((a, b) => {
      const byName =
        a.name === undefined || b.name === undefined
          ? Number(a.name === undefined) - Number(b.name === undefined)
          : a.name.localeCompare(b.name);
      return column === 'name' ? sign * byName : sign * (a[column] - b[column]) || byName;
    });
}
