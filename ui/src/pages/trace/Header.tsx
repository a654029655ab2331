// What stands above every view of a trace: which it is, its numbers, what is wrong with it, and what can be done.
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { archive } from '../../api/archive';
import { apiUrl } from '../../api/http';
import { Copy } from '../../components/Copy';
import { boot } from '../../config/boot';
import { number } from '../../format/count';
import { duration } from '../../format/duration';
import { line } from '../../format/text';
import { ago, dateTime } from '../../format/time';
import { traceLinks } from '../../links/links';
import { useZone } from '../../theme/preferences';
import { isOfFile } from '../../trace/load';
import type { Trace } from '../../trace/Trace';
import { useEmbed } from '../../url/embed';
import css from './header.module.css';
import { Notes } from './Notes';

interface Props {
  trace: Trace;
  raw: boolean;
  /** It is young, and asked for again and again. */
  fresh: boolean;
  children: ReactNode;
}

export function Header({ trace, raw, fresh, children }: Props) {
  const { collapseTitle, hideSummary } = useEmbed();
  const ofFile = isOfFile(trace.id);
  return (
    <header className={css.header}>
      {!collapseTitle && (
        <div className={css.top}>
          <h1 className={`${css.title} cut`}>
            <span className="dim">{line(trace.service(0))}</span> {line(trace.operation(0))}
          </h1>
          <code className="dim">{trace.id}</code>
          <Copy text={trace.id} />
          <span className={css.actions}>
            {traceLinks(boot.ui.linkPatterns, trace).map(link => (
              <a key={link.url} href={link.url} target="_blank" rel="noopener noreferrer">
                {line(link.text)} ↗
              </a>
            ))}
            {!boot.ui.disableJsonView && !ofFile && (
              <>
                <a href={apiUrl(`/api/traces/${trace.id}`, { prettyPrint: true })}>JSON</a>
                <a href={apiUrl(`/api/traces/${trace.id}`, { prettyPrint: true, raw: true })}>Raw JSON</a>
              </>
            )}
            {boot.can.archive && boot.ui.archiveEnabled && !ofFile && <Archive id={trace.id} />}
          </span>
        </div>
      )}
      {!hideSummary && (
        <div className={css.summary}>
          <Facts trace={trace} />
          {fresh && (
            <span className={css.fresh} title="It is a few minutes old at most, so it may still grow">
              <i aria-hidden="true" /> new spans appear by themselves
            </span>
          )}
        </div>
      )}
      <Notes trace={trace} raw={raw} />
      {children}
    </header>
  );
}

function Facts({ trace }: { trace: Trace }) {
  const zone = useZone();
  return (
    <dl className={css.facts}>
      <Fact name="Start">
        <span title={ago(trace.start)}>{dateTime(trace.start, zone)}</span>
      </Fact>
      <Fact name="Duration">{duration(trace.duration)}</Fact>
      <Fact name="Services">{number(trace.services.length)}</Fact>
      <Fact name="Depth">{number(trace.depth)}</Fact>
      <Fact name="Spans">{number(trace.size)}</Fact>
      <Fact name="Errors">
        <span className={trace.errors > 0 ? 'bad' : undefined}>{number(trace.errors)}</span>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Archive({ id }: { id: string }) {
  const { mutate, isPending, isSuccess, error } = useMutation({ mutationFn: () => archive(id) });
  if (isSuccess) return <span role="status">Archived</span>;
  return (
    <>
      <button type="button" className="plain" onClick={() => mutate()} disabled={isPending}>
        Archive
      </button>
      {error && (
        <span className="bad" role="alert">
          not archived: {error.message}
        </span>
      )}
    </>
  );
}
