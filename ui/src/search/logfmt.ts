// Tags as people write them, `http.status_code=500 error=true msg="a b"`, and as the API wants them: an object of texts.

export type Tags = Record<string, string>;

/** The tags of a text, or what is wrong with it. */
export function parseTags(text: string): { tags: Tags } | { wrong: string } {
  const tags: Tags = {};
  let rest = text.trim();
  while (rest) {
    const key = /^[^\s="]+/.exec(rest)?.[0];
    if (!key) return { wrong: `a tag must begin with its name, not with ${rest.slice(0, 12)}` };
    rest = rest.slice(key.length);
    if (!rest.startsWith('=')) return { wrong: `write ${key}=value` };
    rest = rest.slice(1);
    if (rest.startsWith('"')) {
      const quoted = /^"(?:[^"\\]|\\.)*"/.exec(rest)?.[0];
      if (!quoted) return { wrong: `the quote of ${key} does not end` };
      tags[key] = quoted.slice(1, -1).replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
      rest = rest.slice(quoted.length);
    } else {
      const value = /^\S*/.exec(rest)?.[0] ?? '';
      tags[key] = value;
      rest = rest.slice(value.length);
    }
    if (rest && !/^\s/.test(rest)) return { wrong: `put a space behind the value of ${key}` };
    rest = rest.trim();
  }
  return { tags };
}

export function formatTags(tags: Tags): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${/^[^\s"\\]+$/.test(value) ? value : quoted(value)}`)
    .join(' ');
}

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}

/** The tags of a URL's parameter, which is JSON; none if it is not. */
export function tagsOf(json: string): Tags {
  try {
    const parsed = JSON.parse(json);
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, String(value)]));
  } catch {
    return {};
  }
}
