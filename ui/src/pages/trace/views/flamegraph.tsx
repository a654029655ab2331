import type { ViewProps } from '../view';

export default function Flamegraph({ trace }: ViewProps) {
  return <p>{trace.size}</p>;
}
