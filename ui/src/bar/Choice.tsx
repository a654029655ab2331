// One of a few, as buttons beside each other.
import css from './bar.module.css';

interface Props<V extends string> {
  /** What is chosen, for those who do not see the buttons as one. */
  legend: string;
  value: V;
  options: Record<V, string>;
  onChange(value: V): void;
}

export function Choice<V extends string>({ legend, value, options, onChange }: Props<V>) {
  return (
    <fieldset className={css.choice}>
      <legend className="heard">{legend}</legend>
      {(Object.keys(options) as V[]).map(option => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {options[option]}
        </button>
      ))}
    </fieldset>
  );
}
