import type { ViewProps } from '../view';

export default function Logs({ trace }: ViewProps) {
  return <p>{trace.size}</p>;
}
