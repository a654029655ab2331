// Tags as a table. A value of a megabyte is shown when it is asked for.
import { useState } from 'react';
import { Copy } from '../components/Copy';
import { number } from '../format/count';
import { line, lines } from '../format/text';
import type { OutLink } from '../links/links';
import type { Tag } from '../trace/Trace';
import css from './details.module.css';

/** Characters of a value, and tags of a list, shown at once. */
const LONG = 600;
const LONGEST = 2_000_000;
const MANY = 200;

interface Props {
  title?: string;
  tags: Tag[];
  links(tag: Tag): OutLink[];
}

export function Tags({ title, tags, links }: Props) {
  return (
    <div className={css.tags}>
      {title && <h3>{title}</h3>}
      {tags.length === 0 && <p className="dim">none</p>}
      <table>
        <tbody>
          {tags.slice(0, MANY).map((tag, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a key may stand there twice.
            <tr key={place}>
              <th scope="row">{line(tag.key, 120)}</th>
              <td>
                <Value tag={tag} />
                {links(tag).map(link => (
                  <a key={link.url} className={css.out} href={link.url} target="_blank" rel="noopener noreferrer">
                    {line(link.text)} ↗
                  </a>
                ))}
              </td>
              <td className={css.copy}>
                <Copy text={String(tag.value)} label="Copy" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {tags.length > MANY && <p className="dim">{tags.length - MANY} more stand in the JSON.</p>}
    </div>
  );
}

function Value({ tag }: { tag: Tag }) {
  const [all, setAll] = useState(false);
  const text = String(tag.value);
  if (text.length <= LONG) {
    // What an application wrote as the address of a page.
    return /^https?:\/\/\S+$/.test(text) ? (
      <a href={text} target="_blank" rel="noopener noreferrer" className={css.value}>
        {text}
      </a>
    ) : (
      <span className={`${css.value} ${css[tag.type] ?? ''}`}>{lines(text, LONG)}</span>
    );
  }
  return (
    <>
      <span className={`${css.value} ${all ? css.long : ''}`}>{lines(text, all ? LONGEST : LONG)}</span>
      <button type="button" className="plain" onClick={() => setAll(!all)}>
        {all ? 'Show less' : `Show all ${number(text.length)} characters`}
      </button>
    </>
  );
}
