// How the page shows itself within another: `uiEmbed=v0` and what goes with it, as the original's.
import { useUrl } from './useUrl';

export interface Embed {
  embedded: boolean;
  hideGraph: boolean;
  hideMinimap: boolean;
  hideSummary: boolean;
  collapseTitle: boolean;
}

export function useEmbed(): Embed {
  const { get } = useUrl();
  const on = (name: string) => get(name) === '1';
  const embedded = get('uiEmbed') === 'v0';
  return {
    embedded,
    hideGraph: embedded && on('uiSearchHideGraph'),
    hideMinimap: embedded && on('uiTimelineHideMinimap'),
    hideSummary: embedded && on('uiTimelineHideSummary'),
    collapseTitle: embedded && on('uiTimelineCollapseTitle'),
  };
}
