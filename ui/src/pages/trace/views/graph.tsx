import type { ViewProps } from '../view';

export default function Graph({ trace }: ViewProps) {
  return <p>{trace.size}</p>;
}
