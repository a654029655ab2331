// The two traces: what each is, and how to choose another one.
import { type FormEvent, useId, useState } from 'react';
import { Link } from 'react-router';
import { type Pair, traceId } from '../../compare/pair';
import { count } from '../../format/count';
import { duration } from '../../format/duration';
import { line } from '../../format/text';
import { dateTime } from '../../format/time';
import { useZone } from '../../theme/preferences';
import type { Trace } from '../../trace/Trace';
import css from './compare.module.css';

interface Props {
  pair: Pair;
  traces: { a: Trace | undefined; b: Trace | undefined };
  /** Ids to choose from. */
  cohort: string[];
  go(pair: Pair): void;
}

export function Sides({ pair, traces, cohort, go }: Props) {
  const [ids, setIds] = useState(pair);
  const list = useId();
  const wanted = { a: traceId(ids.a), b: traceId(ids.b) };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(wanted);
  };
  return (
    <form className={css.sides} onSubmit={submit}>
      <datalist id={list}>
        {cohort.map(id => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <Side letter="A" id={ids.a} trace={traces.a} list={list} onChange={a => setIds({ ...ids, a })} />
      <div className={css.between}>
        <button
          type="button"
          onClick={() => go({ a: pair.b, b: pair.a })}
          title="Exchange A and B"
          aria-label="Exchange A and B"
        >
          ⇄
        </button>
        <button type="submit" className="primary" disabled={wanted.a === pair.a && wanted.b === pair.b}>
          Compare
        </button>
      </div>
      <Side letter="B" id={ids.b} trace={traces.b} list={list} onChange={b => setIds({ ...ids, b })} />
    </form>
  );
}

interface SideProps {
  letter: string;
  id: string;
  trace: Trace | undefined;
  list: string;
  onChange(id: string): void;
}

function Side({ letter, id, trace, list, onChange }: SideProps) {
  const zone = useZone();
  const wrong = id !== '' && !traceId(id);
  return (
    <div className={css.side}>
      <span className={css.letter} aria-hidden="true">
        {letter}
      </span>
      <div className={css.what}>
        <input
          value={id}
          onChange={event => onChange(event.target.value)}
          aria-label={`Trace ${letter}`}
          aria-invalid={wrong}
          title={wrong ? 'A trace ID has up to 32 digits, 0-9 and a-f' : undefined}
          placeholder="Trace ID…"
          list={list}
          spellCheck={false}
          autoComplete="off"
        />
        {trace && (
          <>
            <Link to={`/trace/${trace.id}`} className="cut">
              <bdi>
                {line(trace.service(0))}: {line(trace.operation(0))}
              </bdi>
            </Link>
            <span className="dim">
              {dateTime(trace.start, zone)} · {count(trace.size, 'span')}
              {trace.errors > 0 && <span className="bad"> · {count(trace.errors, 'error')}</span>}
              {trace.orphans > 0 && <span> · incomplete: {count(trace.orphans, 'parent')} missing</span>}
            </span>
          </>
        )}
      </div>
      {trace && <strong className={css.long}>{duration(trace.duration)}</strong>}
    </div>
  );
}
