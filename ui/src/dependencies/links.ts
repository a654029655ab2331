// Calls between services, and what is seen of them: a focus, so many calls away from it.
import type { Call } from '../api/dependencies';

/** How often one service called another. Failed calls are counted by servers of this project, and not by Go Jaeger's. */
export type Link = Call;

export interface Focus {
  service: string;
  /** Calls away from the focus, towards callers and callees. */
  depth: number;
}

/** One link for each pair, in order of names; what comes twice is added up. */
export function merged(links: Link[]): Link[] {
  const byPair = new Map<string, Link>();
  for (const link of links) {
    const key = JSON.stringify([link.parent, link.child]);
    const known = byPair.get(key);
    if (!known) {
      byPair.set(key, { ...link });
      continue;
    }
    known.callCount += link.callCount;
    if (link.errorCount !== undefined) known.errorCount = (known.errorCount ?? 0) + link.errorCount;
  }
  return [...byPair.values()].sort((a, b) => compareText(a.parent, b.parent) || compareText(a.child, b.child));
}

export function servicesOf(links: Link[]): string[] {
  return [...new Set(links.flatMap(({ parent, child }) => [parent, child]))].sort(compareText);
}

/** The links on the ways into and out of the focus, at most `depth` calls long. Callers of callees are not on such a way. */
export function around(links: Link[], { service, depth }: Focus): Link[] {
  const kept = new Set<Link>();
  walk(links, service, depth, link => [link.parent, link.child], kept);
  walk(links, service, depth, link => [link.child, link.parent], kept);
  return links.filter(link => kept.has(link));
}

function walk(links: Link[], from: string, depth: number, ends: (link: Link) => [string, string], kept: Set<Link>) {
  const leaving = new Map<string, Link[]>();
  for (const link of links) {
    const [near] = ends(link);
    const known = leaving.get(near);
    if (known) known.push(link);
    else leaving.set(near, [link]);
  }
  const seen = new Set([from]);
  let edge = [from];
  for (let step = 0; step < depth && edge.length > 0; step++) {
    const next: string[] = [];
    for (const service of edge) {
      for (const link of leaving.get(service) ?? []) {
        kept.add(link);
        const [, far] = ends(link);
        if (!seen.has(far)) {
          seen.add(far);
          next.push(far);
        }
      }
    }
    edge = next;
  }
}

/** Failed calls as a part of all, if they are counted. */
export function errorRate({ callCount, errorCount }: Link): number | undefined {
  if (errorCount === undefined) return undefined;
  return callCount > 0 ? Math.min(1, errorCount / callCount) : 0;
}

/** Calls by a service and to it. */
export interface Traffic {
  calls: number;
  called: number;
  /** Failed calls to it. */
  failed: number | undefined;
}

export function trafficOf(links: Link[]): Map<string, Traffic> {
  const traffic = new Map<string, Traffic>();
  const of = (service: string) => {
    let known = traffic.get(service);
    if (!known) {
      known = { calls: 0, called: 0, failed: undefined };
      traffic.set(service, known);
    }
    return known;
  };
  for (const { parent, child, callCount, errorCount } of links) {
    of(parent).calls += callCount;
    const callee = of(child);
    callee.called += callCount;
    if (errorCount !== undefined) callee.failed = (callee.failed ?? 0) + errorCount;
  }
  return traffic;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
