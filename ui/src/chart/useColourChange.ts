// A number that is another one when the page's colours are others: a canvas is drawn anew then.
import { useEffect, useState } from 'react';
import { listen } from '../theme/preferences';

export function useColourChange(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => listen(() => setChanges(changes => changes + 1)), []);
  return changes;
}
