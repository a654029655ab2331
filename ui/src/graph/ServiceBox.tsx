// A box with a stripe of colour, a name and a line below it.
import css from './graph.module.css';
import { cutTo } from './text';

interface Props {
  width: number;
  height: number;
  colour: string;
  name: string;
  below: string;
  failed?: boolean;
}

export function ServiceBox({ width, height, colour, name, below, failed }: Props) {
  const [left, top] = [-width / 2, -height / 2];
  return (
    <>
      <rect x={left} y={top} width={width} height={height} rx="6" />
      <path d={`M${left + 1} ${top + 7}v${height - 14}`} stroke={colour} strokeWidth="5" strokeLinecap="round" />
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus, and the box's title says both lines, uncut. */}
      <g aria-hidden="true">
        <text y={below ? -3 : 5}>{cutTo(name, width)}</text>
        <text y="14" className={`${css.small} ${failed ? css.failed : ''}`}>
          {cutTo(below, width, true)}
        </text>
      </g>
    </>
  );
}
