// The trace's spans in groups, with what each group took.
import { useCallback, useId, useMemo, useState } from 'react';
import bar from '../../../bar/bar.module.css';
import { Empty } from '../../../components/states';
import { number, percent } from '../../../format/count';
import { duration } from '../../../format/duration';
import { line } from '../../../format/text';
import { failedOf } from '../../../paths/columns';
import { Rows } from '../../../rows/Rows';
import { useSlices } from '../../../slices/useSlices';
import { DIMENSIONS, nameOf, someKeys, tagOf, tagValue } from '../../../statistics/dimension';
import { type Column, type Group, groups, type NameOf, sorted } from '../../../statistics/groups';
import { Part } from '../../../table/Part';
import { SortHead } from '../../../table/SortHead';
import { useSort } from '../../../table/useSort';
import type { Trace } from '../../../trace/Trace';
import { useUrl } from '../../../url/useUrl';
import type { ViewProps } from '../view';
import css from './views.module.css';

const COLUMNS: readonly [Column, ...Column[]] = ['self', 'name', 'spans', 'failed', 'total', 'mean', 'least', 'most'];

export default function Statistics({ trace, select }: ViewProps) {
  const { get, set } = useUrl();
  const sort = useSort(COLUMNS);
  const by = get('group') || 'service';
  const within = get('within');
  const outer = useNames(trace, by);
  const inner = useNames(trace, within);
  const spans = useMemo(() => {
    const { duration, self } = trace.columns;
    return { length: trace.size, duration, self, failed: failedOf(trace) };
  }, [trace]);
  const grouped = useMemo(
    () => (outer.names && (!within || inner.names) ? groups(spans, outer.names, inner.names) : []),
    [spans, outer.names, inner.names, within],
  );
  const { column, descending } = sort;
  const lines = useMemo(
    () =>
      sorted(grouped, column, descending).flatMap(group => [
        { group, inner: false },
        ...group.groups.map(of => ({ group: of, inner: true })),
      ]),
    [grouped, column, descending],
  );
  const reading = !outer.names ? outer : within && !inner.names ? inner : undefined;
  return (
    <section aria-label="Statistics">
      <div className={bar.bar}>
        <Dimension
          label="Group by"
          trace={trace}
          value={by}
          onChange={value => set({ group: value === 'service' ? undefined : value })}
        />
        <Dimension label="then by" trace={trace} value={within} none onChange={value => set({ within: value })} />
        <span className="dim" role="status">
          {reading ? `reading tags, ${percent(reading.done)}` : `${number(grouped.length)} groups`}
        </span>
      </div>
      {!reading && grouped.length === 0 && <Empty title="This trace has no spans" />}
      {grouped.length > 0 && (
        <Rows
          title="Statistics by group"
          head={
            <>
              <SortHead sort={sort} column="name">
                Group
              </SortHead>
              {figure('spans', 'Spans')}
              {figure('failed', 'Errors')}
              {figure('total', 'Total')}
              {figure('mean', 'Mean')}
              {figure('least', 'Least')}
              {figure('most', 'Most')}
              {figure('self', 'Self', 'Time in which no child of a span ran')}
              <th scope="col">of all self time</th>
            </>
          }
          columns={[0, 64, 64, 80, 80, 80, 80, 80, 160]}
          count={lines.length}
          height={30}
          rowKey={at => at}
          rowClass={at => (within && !lines[at]!.inner ? css.outer : undefined)}
          row={at => <Line {...lines[at]!} select={select} />}
        />
      )}
    </section>
  );

  function figure(column: Column, label: string, title?: string) {
    return (
      <SortHead sort={sort} column={column} number title={title}>
        {label}
      </SortHead>
    );
  }
}

function Line({ group, inner, select }: { group: Group; inner: boolean; select(row: number): void }) {
  return (
    <>
      <td title={group.name === undefined ? undefined : line(group.name)}>
        <button
          type="button"
          className={inner ? `plain ${css.inner}` : 'plain'}
          title="Show its longest span"
          onClick={() => select(group.longest)}
        >
          {group.name === undefined ? <i>without</i> : <bdi>{line(group.name)}</bdi>}
        </button>
      </td>
      <td className="number">{number(group.spans)}</td>
      <td className={group.failed > 0 ? 'number bad' : 'number'}>{number(group.failed)}</td>
      <td className="number">{duration(group.total)}</td>
      <td className="number">{duration(Math.round(group.mean))}</td>
      <td className="number">{duration(group.least)}</td>
      <td className="number">{duration(group.most)}</td>
      <td className="number">{duration(group.self)}</td>
      <td>
        <Part of={group.selfPart} />
        {percent(group.selfPart)}
      </td>
    </>
  );
}

/** Names by which spans are grouped; those of a tag are read from every span first. */
function useNames(trace: Trace, dimension: string): { names: NameOf | undefined; done: number } {
  const key = tagOf(dimension);
  const read = useMemo(
    () => (key === undefined ? undefined : (row: number) => tagValue(trace, row, key)),
    [trace, key],
  );
  const { list, done } = useSlices(trace.size, read);
  const ready = useMemo(() => nameOf(trace, dimension), [trace, dimension]);
  const listed = useCallback((row: number) => list?.[row], [list]);
  return { names: ready ?? (list && listed), done };
}

interface DimensionProps {
  label: string;
  trace: Trace;
  value: string;
  /** Whether nothing may be chosen. */
  none?: boolean;
  onChange(dimension: string): void;
}

function Dimension({ label, trace, value, none, onChange }: DimensionProps) {
  const keys = useMemo(() => someKeys(trace), [trace]);
  const list = useId();
  const tag = tagOf(value);
  const [asked, ask] = useState(tag ?? '');
  const [choosing, setChoosing] = useState(false);
  const shown = tag !== undefined || choosing;
  return (
    <form
      className={css.group}
      onSubmit={event => {
        event.preventDefault();
        if (asked) onChange(`tag:${asked}`);
      }}
    >
      <label>
        {label}
        <select
          value={shown ? 'tag' : value}
          onChange={event => {
            const next = event.target.value;
            setChoosing(next === 'tag');
            if (next !== 'tag') onChange(next);
          }}
        >
          {none && <option value="">nothing</option>}
          {DIMENSIONS.map(one => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
          <option value="tag">tag…</option>
        </select>
      </label>
      {shown && (
        <>
          <input
            value={asked}
            onChange={event => ask(event.target.value)}
            list={list}
            aria-label={`Tag to ${label.toLowerCase()}`}
            placeholder="http.status_code"
          />
          <datalist id={list}>
            {keys.map(key => (
              <option key={key} value={line(key)} />
            ))}
          </datalist>
          <button type="submit" disabled={!asked || asked === tag}>
            Group
          </button>
        </>
      )}
    </form>
  );
}
