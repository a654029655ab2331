// What a reader chose once for all: light or dark, local time or UTC. Kept in the browser, not in the URL: a link
// shows the same trace to whoever opens it, in their own time and colours.
import { useSyncExternalStore } from 'react';
import type { Zone } from '../format/time';

export type Theme = 'system' | 'light' | 'dark';

interface Preferences {
  theme: Theme;
  zone: Zone;
}

const KEY = 'jaeger-preferences';
const listeners = new Set<() => void>();
let preferences: Preferences = { theme: 'system', zone: 'local', ...stored() };
// Whoever embeds the page chooses for it.
const asked = new URLSearchParams(location.search).get('uiTheme');
if (asked === 'light' || asked === 'dark') preferences = { ...preferences, theme: asked };
show();

export function usePreferences(): Preferences {
  return useSyncExternalStore(listen, () => preferences);
}

/** The zone in which times are shown. */
export function useZone(): Zone {
  return usePreferences().zone;
}

export function prefer(change: Partial<Preferences>): void {
  preferences = { ...preferences, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Where nothing may be kept it lasts until the page is left.
  }
  show();
  for (const listener of listeners) listener();
}

/** Calls back when colours change, for what is drawn on a canvas. */
export function listen(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', listener);
  listeners.add(listener);
  return () => {
    system.removeEventListener('change', listener);
    listeners.delete(listener);
  };
}

function show() {
  if (preferences.theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = preferences.theme;
}

function stored(): Partial<Preferences> {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return {
      ...(['system', 'light', 'dark'].includes(kept.theme) ? { theme: kept.theme } : {}),
      ...(['local', 'utc'].includes(kept.zone) ? { zone: kept.zone } : {}),
    };
  } catch {
    return {};
  }
}
