// The details of a span, below its row. Its height is measured, since the rows behind it stand below.
import { type CSSProperties, useEffect, useRef } from 'react';
import type { UiConfig } from '../config/uiConfig';
import type { Trace } from '../trace/Trace';
import { SpanDetails } from './SpanDetails';
import css from './timeline.module.css';

interface Props {
  trace: Trace;
  row: number;
  top: number;
  colour: string;
  config: UiConfig;
  measured(row: number, height: number): void;
}

export function DetailsRow({ trace, row, top, colour, config, measured }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => measured(row, element.offsetHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [row, measured]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: see Timeline.
    // biome-ignore lint/a11y/useFocusableInteractive: what is in it can be.
    <div role="row" className={css.details} style={{ top, '--service': colour } as CSSProperties} ref={frame}>
      {/* biome-ignore lint/a11y/useSemanticElements: see Timeline. */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: what is in it can be. */}
      <div role="gridcell">
        <SpanDetails trace={trace} row={row} config={config} />
      </div>
    </div>
  );
}
