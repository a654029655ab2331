// A button that copies a text, and says so.
import { useEffect, useState } from 'react';

export function Copy({ text, label = 'Copy' }: { text: string | (() => string); label?: string }) {
  const [said, say] = useState('');
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => say(''), 1500);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    const what = typeof text === 'string' ? text : text();
    say((await write(what)) ? 'Copied' : 'Not copied');
  };
  return (
    <button type="button" className="plain" onClick={copy}>
      {said || label}
      <span className="heard" role="status">
        {said}
      </span>
    </button>
  );
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Over plain HTTP there is no clipboard but this one.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
