import type { ViewProps } from '../view';

export default function Statistics({ trace }: ViewProps) {
  return <p>{trace.size}</p>;
}
