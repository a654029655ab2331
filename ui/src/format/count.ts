// Numbers and their nouns.

const grouped = new Intl.NumberFormat('en');

/** `1 span`, `12,345 spans`. */
export function count(amount: number, noun: string, nouns = `${noun}s`): string {
  return `${grouped.format(amount)} ${amount === 1 ? noun : nouns}`;
}

export function number(amount: number): string {
  return grouped.format(amount);
}

/** A part of one: `12.3%`. */
export function percent(part: number): string {
  return `${Number((part * 100).toFixed(part < 0.1 ? 2 : 1))}%`;
}
