// What every view of a trace is given.
import type { UiConfig } from '../../config/uiConfig';
import type { Trace } from '../../trace/Trace';

export interface ViewProps {
  trace: Trace;
  config: UiConfig;
  /** Shows a row of the trace in the timeline, with its details open. */
  select(row: number): void;
}
