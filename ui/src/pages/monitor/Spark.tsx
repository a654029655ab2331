// A series without axes, as high as a line of text.
import css from './monitor.module.css';

const WIDTH = 96;
const HEIGHT = 18;

export function Spark({ values }: { values: (number | null)[] }) {
  const most = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((value, at) => {
    const y = most > 0 ? HEIGHT - 1 - ((value ?? 0) / most) * (HEIGHT - 2) : HEIGHT - 1;
    return `${(at * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg className={css.spark} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
