// What the browser's tab and history call a page.
import { useEffect } from 'react';

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Traces`;
  }, [title]);
}
