// One colour a service: from its name, so that it is the same in every trace, moved on where two of a trace collide.

export const COLOURS = 16;

/** Numbers of `--service-N` for names, in their order. */
export function colourNumbers(services: readonly string[]): number[] {
  const taken = new Set<number>();
  const given = new Map<string, number>();
  for (const service of [...services].sort()) {
    let colour = hash(service) % COLOURS;
    if (taken.size < COLOURS) while (taken.has(colour)) colour = (colour + 1) % COLOURS;
    taken.add(colour);
    given.set(service, colour);
  }
  return services.map(service => given.get(service)!);
}

/** CSS colours for names, in their order. */
export function serviceColours(services: readonly string[]): string[] {
  return colourNumbers(services).map(colour => `var(--service-${colour})`);
}

/** What a custom property is now, for a canvas. */
export function cssValue(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

function hash(text: string): number {
  let hash = 2166136261;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
  return hash >>> 0;
}
