// The form of a search. What is typed becomes the URL when it is sent; what the URL says is what stands here.
import { type FormEvent, useId, useState } from 'react';
import { useOperations, useServices } from '../api/names';
import { Failure } from '../components/states';
import { boot } from '../config/boot';
import { parseDuration } from '../format/duration';
import { fromInput, toInput, zoneName } from '../format/time';
import { useZone } from '../theme/preferences';
import { useUrl } from '../url/useUrl';
import css from './Form.module.css';
import { formatTags, parseTags } from './logfmt';
import { lookbacks, paramsOf, type Query, timeOf } from './query';

interface Props {
  query: Query;
  /** Asks, also where the URL stays the same. */
  ask(): void;
}

export function Form({ query, ask }: Props) {
  const url = useUrl();
  const zone = useZone();
  const services = useServices();
  const [service, setService] = useState(query.service);
  const [operation, setOperation] = useState(query.operation);
  const [tags, setTags] = useState(formatTags(query.tags));
  const [lookback, setLookback] = useState(query.lookback);
  const shown = timeOf(query, Date.now() * 1000);
  const [start, setStart] = useState(toInput(shown.start, zone));
  const [end, setEnd] = useState(toInput(shown.end, zone));
  const [minDuration, setMin] = useState(query.minDuration);
  const [maxDuration, setMax] = useState(query.maxDuration);
  const [limit, setLimit] = useState(String(query.limit));
  const [wrong, setWrong] = useState<Record<string, string>>({});

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const parsed = parseTags(tags);
    const min = minDuration.trim();
    const max = maxDuration.trim();
    const from = lookback === 'custom' ? fromInput(start, zone) : undefined;
    const to = lookback === 'custom' ? fromInput(end, zone) : undefined;
    const problems: Record<string, string> = {};
    if (!service && !boot.can.searchAll) problems.service = 'This store needs a service to search in';
    if ('wrong' in parsed) problems.tags = parsed.wrong;
    for (const [name, typed] of Object.entries({ min, max })) {
      if (typed && parseDuration(typed) === undefined) problems[name] = 'Write 1.5s, 100ms or 20us';
    }
    if (!problems.min && !problems.max && min && max && parseDuration(max)! < parseDuration(min)!) {
      problems.max = 'The longest is shorter than the shortest';
    }
    if (lookback === 'custom' && !(from !== undefined && to !== undefined && from < to)) {
      problems.time = 'The end must be behind the start';
    }
    setWrong(problems);
    if (Object.keys(problems).length > 0 || 'wrong' in parsed) return;
    const most = Math.min(Math.max(1, Math.floor(Number(limit)) || 20), boot.ui.search.maxLimit);
    setLimit(String(most));
    url.push(
      paramsOf({
        service,
        operation,
        tags: parsed.tags,
        lookback,
        start: from,
        end: to,
        minDuration: min,
        maxDuration: max,
        limit: most,
      }),
    );
    ask();
  };

  if (services.error) return <Failure what="services" error={services.error} retry={services.refetch} />;
  const known = services.data ?? [];
  return (
    <form className={css.form} onSubmit={submit} aria-label="Search">
      <label>
        Service
        <select
          value={service}
          onChange={event => {
            setService(event.target.value);
            setOperation('');
          }}
          aria-invalid={wrong.service !== undefined}
        >
          <option value="">
            {boot.can.searchAll ? 'All services' : services.isPending ? 'Loading…' : 'Choose a service'}
          </option>
          {service && !known.includes(service) && <option>{service}</option>}
          {known.map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <Wrong words={wrong.service} />
      </label>
      <Operation service={service} value={operation} change={setOperation} />
      <label>
        Tags
        <input
          value={tags}
          onChange={event => setTags(event.target.value)}
          placeholder="error=true http.status_code=500"
          aria-invalid={wrong.tags !== undefined}
          spellCheck={false}
          autoComplete="off"
        />
        <Wrong words={wrong.tags} />
      </label>
      <label>
        <span>
          Time <span className="dim">({zoneName(zone)})</span>
        </span>
        <select value={lookback} onChange={event => setLookback(event.target.value)}>
          {lookbacks(boot.ui.search.maxLookback).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          <option value="custom">From … to …</option>
        </select>
      </label>
      {lookback === 'custom' && (
        <div className={css.moments}>
          <label>
            From
            <input type="datetime-local" step="1" value={start} onChange={event => setStart(event.target.value)} />
          </label>
          <label>
            To
            <input
              type="datetime-local"
              step="1"
              value={end}
              onChange={event => setEnd(event.target.value)}
              aria-invalid={wrong.time !== undefined}
            />
          </label>
          <Wrong words={wrong.time} />
        </div>
      )}
      <div className={css.pair}>
        <label title="At least one span that fits the rest took so long">
          Min span
          <input
            value={minDuration}
            onChange={event => setMin(event.target.value)}
            placeholder="100ms"
            aria-invalid={wrong.min !== undefined}
          />
          <Wrong words={wrong.min} />
        </label>
        <label title="At least one span that fits the rest took no longer">
          Max span
          <input
            value={maxDuration}
            onChange={event => setMax(event.target.value)}
            placeholder="1.5s"
            aria-invalid={wrong.max !== undefined}
          />
          <Wrong words={wrong.max} />
        </label>
        <label>
          Limit
          <input
            type="number"
            min="1"
            max={boot.ui.search.maxLimit}
            value={limit}
            onChange={event => setLimit(event.target.value)}
          />
        </label>
      </div>
      <button type="submit" className="primary">
        Find traces
      </button>
    </form>
  );
}

/** Free text with what is known as suggestions: a service can have ten thousand. */
function Operation({ service, value, change }: { service: string; value: string; change(value: string): void }) {
  const list = useId();
  const { data: operations = [] } = useOperations(service);
  const names = [...new Set(operations.map(operation => operation.name))].sort((a, b) => a.localeCompare(b));
  const typed = value.toLowerCase();
  const fitting = names.filter(name => name.toLowerCase().includes(typed)).slice(0, 200);
  return (
    <label>
      <span>Operation {names.length > 0 && <span className="dim">({names.length})</span>}</span>
      <input
        list={list}
        value={value}
        onChange={event => change(event.target.value)}
        placeholder="All operations"
        spellCheck={false}
        autoComplete="off"
      />
      <datalist id={list}>
        {fitting.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}

function Wrong({ words }: { words?: string }) {
  return words ? (
    <span className="bad" role="alert">
      {words}
    </span>
  ) : null;
}
