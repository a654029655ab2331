// What the server wrote into index.html: its own facts and the operator's `--query.ui-config`.
import { type UiConfig, uiConfig } from './uiConfig';

export interface Boot {
  /** The operator's settings, with defaults. */
  ui: UiConfig;
  /** What this server can do. */
  can: {
    archive: boolean;
    metrics: boolean;
    /** Search without naming a service. */
    searchAll: boolean;
    /** `GET /api/ledger` answers. */
    ledger: boolean;
  };
  version: string;
  /** Ports of this process by listener, `collector.otlp.http` and so on; empty where it receives nothing. */
  ports: Record<string, number>;
}

/** Prefix of every path of this page without a slash at its end: `` or `/jaeger`. */
export const basePath = new URL(document.baseURI).pathname.replace(/\/$/, '');

export const boot: Boot = read();

function read(): Boot {
  const text = document.getElementById('jaeger-config')?.textContent;
  const given = parse(text ?? '{}');
  const can = object(given.capabilities);
  return {
    ui: uiConfig(object(given.ui)),
    can: {
      archive: can.archiveStorage === true,
      metrics: can.metricsStorage === true,
      searchAll: can.searchWithoutServiceName === true,
      ledger: can.ledger === true,
    },
    version: typeof given.version === 'string' ? given.version : '',
    ports: object(given.ports) as Record<string, number>,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return object(JSON.parse(text));
  } catch {
    return {};
  }
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
