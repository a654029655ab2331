// Moments as people read them, in the zone that the reader chose. Everything takes microseconds since 1970.

export type Zone = 'local' | 'utc';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat('sv-SE', zone === 'utc' ? { ...options, timeZone: 'UTC' } : options);
    formats.set(key, made);
  }
  return made;
}

/** `2026-11-24 14:05:06.123`. */
export function dateTime(us: number, zone: Zone): string {
  const text = format(zone, { dateStyle: 'short', timeStyle: 'medium' }).format(us / 1000);
  return `${text}.${millis(us)}`;
}

/** `14:05:06.123`. */
export function timeOfDay(us: number, zone: Zone): string {
  return `${format(zone, { timeStyle: 'medium' }).format(us / 1000)}.${millis(us)}`;
}

function millis(us: number): string {
  const ms = Math.floor(us / 1000) % 1000;
  return String((ms + 1000) % 1000).padStart(3, '0');
}

/** How the zone is called: `UTC`, or `Europe/Berlin`. */
export function zoneName(zone: Zone): string {
  return zone === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `3 minutes ago`. */
export function ago(us: number, now = Date.now() * 1000): string {
  const seconds = Math.round((us - now) / 1e6);
  const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return seconds > -1 ? 'just now' : relative.format(seconds, 'second');
}

/** For `<input type="datetime-local">`: `2026-11-24T14:05:06`. */
export function toInput(us: number, zone: Zone): string {
  return format(zone, { dateStyle: 'short', timeStyle: 'medium' })
    .format(us / 1000)
    .replace(' ', 'T');
}

/** The reverse; undefined for what is no moment. */
export function fromInput(text: string, zone: Zone): number | undefined {
  const ms = Date.parse(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms * 1000;
}
