// What stands where an answer will be, is empty, or could not be had. Each says what to do next.
import type { ReactNode } from 'react';
import { Refused } from '../api/http';
import css from './states.module.css';

export function Loading({ what }: { what: string }) {
  return (
    <div className={css.state} role="status">
      <span className={css.dots} aria-hidden="true" />
      <span>Loading {what}…</span>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className={css.state} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** `what` is what was asked for: "services", "this trace". */
export function Failure({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  const { status, words } = told(error);
  return (
    <section className={`${css.state} ${css.failure}`} role="alert">
      <h2>No {what}</h2>
      <p className={css.words}>{words}</p>
      <p className="dim">{next(status)}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </section>
  );
}

function told(error: unknown): { status: number; words: string } {
  if (error instanceof Refused) return { status: error.status, words: error.message };
  return { status: -1, words: error instanceof Error ? error.message : String(error) };
}

function next(status: number): string {
  if (status === 0) return 'See that the server runs and that nothing between it and this browser is down.';
  if (status === 400) return 'Change what the message names, and try again.';
  if (status === 401 || status === 403) return 'Log in where this page is served, then reload it.';
  if (status === 404) return 'It may never have been stored, or be older than what the store keeps.';
  if (status === 413) return 'The operator can raise the limit that the message names.';
  if (status === 501) return 'The operator has to turn this on; the message says what is missing.';
  if (status === 503) return 'The store is away or busy. Nothing is lost by trying again in a moment.';
  if (status > 500) return 'This came from between the browser and the server; try again in a moment.';
  if (status === 500) return "The server's log says more.";
  return 'Try again; if it stays so, the browser console says more.';
}
