// A part of one as a small bar; the figure stands beside it.
import css from './table.module.css';

export function Part({ of }: { of: number }) {
  return (
    <span className={css.part} aria-hidden="true">
      <span style={{ width: `${Math.min(1, Math.max(0, of)) * 100}%` }} />
    </span>
  );
}
