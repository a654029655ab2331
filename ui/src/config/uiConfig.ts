// `--query.ui-config` as operators have it. What is missing or of a wrong type is the default: a typo in one key
// must not take the page away.

export interface LinkPattern {
  type: 'process' | 'tags' | 'logs' | 'traces';
  /** The tag that becomes a link; `*` for any. Not of `traces`. */
  key: string;
  url: string;
  text: string;
}

export interface MenuItem {
  label: string;
  url?: string;
  /** Opens a new tab unless `_self`. */
  anchorTarget?: string;
  items?: MenuItem[];
}

export interface UiConfig {
  archiveEnabled: boolean;
  criticalPathEnabled: boolean;
  disableFileUpload: boolean;
  disableJsonView: boolean;
  dependencies: { menuEnabled: boolean; dagMaxNumServices: number };
  monitor: { menuEnabled: boolean };
  search: { maxLookback: { label: string; value: string }; maxLimit: number };
  menu: MenuItem[];
  linkPatterns: LinkPattern[];
  /** Tags whose keys begin so stand first. */
  topTagPrefixes: string[];
}

type Given = Record<string, unknown>;

export function uiConfig(given: Given): UiConfig {
  const dependencies = object(given.dependencies);
  const monitor = object(given.monitor);
  const search = object(given.search);
  const lookback = object(search.maxLookback);
  return {
    archiveEnabled: flag(given.archiveEnabled, true),
    criticalPathEnabled: flag(given.criticalPathEnabled, true),
    disableFileUpload: flag(given.disableFileUploadControl, false),
    disableJsonView: flag(given.disableJsonView, false),
    dependencies: {
      menuEnabled: flag(dependencies.menuEnabled, true),
      dagMaxNumServices: count(dependencies.dagMaxNumServices, 100),
    },
    monitor: { menuEnabled: flag(monitor.menuEnabled, true) },
    search: {
      maxLookback: { label: text(lookback.label) || '2 Days', value: text(lookback.value) || '2d' },
      maxLimit: count(search.maxLimit, 1500),
    },
    menu: list(given.menu).flatMap(menuItem),
    linkPatterns: list(given.linkPatterns).flatMap(linkPattern),
    topTagPrefixes: Array.isArray(given.topTagPrefixes)
      ? given.topTagPrefixes.filter(prefix => typeof prefix === 'string')
      : ['http.'],
  };
}

function menuItem(given: Given): MenuItem[] {
  const label = text(given.label);
  if (!label) return [];
  const items = list(given.items).flatMap(menuItem);
  const url = text(given.url);
  const item: MenuItem = { label };
  if (url) item.url = url;
  if (given.anchorTarget) item.anchorTarget = text(given.anchorTarget);
  if (items.length > 0) item.items = items;
  return [item];
}

function linkPattern(given: Given): LinkPattern[] {
  const type = text(given.type);
  if (type !== 'process' && type !== 'tags' && type !== 'logs' && type !== 'traces') return [];
  const url = text(given.url);
  return url ? [{ type, key: text(given.key), url, text: text(given.text) }] : [];
}

const object = (value: unknown): Given => (typeof value === 'object' && value !== null ? (value as Given) : {});
const list = (value: unknown): Given[] => (Array.isArray(value) ? value.map(object) : []);
const flag = (value: unknown, missing: boolean) => (typeof value === 'boolean' ? value : missing);
const text = (value: unknown) => (typeof value === 'string' ? value : '');
const count = (value: unknown, missing: number) => (typeof value === 'number' && value > 0 ? value : missing);
