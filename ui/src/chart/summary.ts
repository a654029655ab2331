// A chart in words, for those who do not see it.

export interface Line {
  label: string;
  values: (number | null)[];
}

export function summary(title: string, lines: Line[], format: (value: number) => string): string {
  const words = lines.map(({ label, values }) => {
    const known = values.filter(value => value !== null);
    const last = known.at(-1);
    if (last === undefined) return `${label}: no value`;
    return `${label}: last ${format(last)}, least ${format(least(known))}, most ${format(most(known))}`;
  });
  return `${title}. ${words.join('; ')}`;
}

// Not by spreading: a series may have more points than a call takes arguments.
const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b));
const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
