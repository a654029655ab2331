// What a list of the trace shows: services, as in the timeline, and a text, both in the URL.
import bar from '../../../bar/bar.module.css';
import { count, number } from '../../../format/count';
import { line } from '../../../format/text';
import { useUrl } from '../../../url/useUrl';

/** No service has a line end for its name. */
const SEVERAL = '\n';

interface Props {
  services: string[];
  found: number;
  of: number;
  noun: string;
  /** Said instead of how many are found. */
  working?: string;
}

export function Filter({ services, found, of, noun, working }: Props) {
  const { params, get, set } = useUrl();
  const only = params.getAll('only');
  return (
    <div className={bar.bar}>
      <label>
        Service
        <select
          value={only.length > 1 ? SEVERAL : (only[0] ?? '')}
          onChange={event => set({ only: event.target.value })}
        >
          {only.length > 1 && <option value={SEVERAL}>{only.length} services</option>}
          <option value="">all</option>
          {[...services].sort().map(service => (
            <option key={service} value={service}>
              {line(service, 60)}
            </option>
          ))}
        </select>
      </label>
      <label>
        Filter
        <input type="search" value={get('filter')} onChange={event => set({ filter: event.target.value })} />
      </label>
      <span className="dim" role="status">
        {working ?? (found === of ? count(of, noun) : `${number(found)} of ${count(of, noun)}`)}
      </span>
    </div>
  );
}
