// How finely a range is asked for: whole minutes, and not so many points that nobody could tell them apart.

const MINUTE = 60_000;
const MOST_POINTS = 240;
/** Each point looks back so far: short enough to see a change, long enough that a quiet service has calls in it. */
const LOOKS_BACK = 10 * MINUTE;

export interface Steps {
  /** Milliseconds. */
  step: number;
  ratePer: number;
}

export function steps(lookback: number): Steps {
  const step = Math.max(1, Math.ceil(lookback / MOST_POINTS / MINUTE)) * MINUTE;
  return { step, ratePer: Math.max(step, LOOKS_BACK) };
}
