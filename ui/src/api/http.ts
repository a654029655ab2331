// One request of the public API: a typed answer, or a `Refused` whose words a person can act on.
import { basePath } from '../config/boot';

/** Why there is no answer. */
export class Refused extends Error {
  /** 0 where no answer came at all. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type Params = Record<string, string | number | boolean | string[] | undefined>;

/** The URL of a path of the API below the base path; parameters that are undefined or empty are left out. */
export function apiUrl(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') query.append(name, String(one));
    }
  }
  const text = query.toString();
  return `${basePath}${path}${text && `?${text}`}`;
}

/** Sends a request; what is not 2xx is thrown as `Refused`. */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Refused(0, 'no answer from the server; is it running, and reachable from here?');
  }
  if (!response.ok) throw new Refused(response.status, words(await response.text(), response.status));
  return response;
}

/** What `/api/v3/*` and `/api/metrics/*` answer: plain JSON. */
export async function json<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await ask(url, { signal });
  return (await response.json()) as T;
}

interface Envelope<T> {
  data: T | null;
  errors: { code?: number; msg: string; traceID?: string }[] | null;
}

/** What `/api/*` answers: the data of its envelope. */
export async function data<T>(url: string, missing: T, signal?: AbortSignal): Promise<T> {
  const envelope = await json<Envelope<T>>(url, signal);
  return envelope.data ?? missing;
}

/** The server's own words out of either kind of error. */
export function words(body: string, status: number): string {
  try {
    const parsed = JSON.parse(body);
    const said = parsed?.errors?.[0]?.msg ?? parsed?.error?.message;
    if (typeof said === 'string' && said) return said;
  } catch {
    // Not JSON: a proxy's page, for example.
  }
  return `the server answered with status ${status}`;
}
