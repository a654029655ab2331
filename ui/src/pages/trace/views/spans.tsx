import type { ViewProps } from '../view';

export default function Spans({ trace }: ViewProps) {
  return <p>{trace.size}</p>;
}
