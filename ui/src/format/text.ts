// Texts of others in a line of ours: never longer than fits, control characters as pictures of themselves.

/** More of a name helps nobody, and a hundred thousand characters would stop the page. */
const LONGEST = 240;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/g;

/** For one line. */
export function line(text: string, longest = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(CONTROL, picture);
}

/** For several lines: line ends and tabs stay. */
export function lines(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(CONTROL, sign => (sign === '\n' || sign === '\t' ? sign : picture(sign)));
}

function picture(sign: string): string {
  return sign === '\u007f' ? '\u2421' : String.fromCharCode(0x2400 + sign.charCodeAt(0));
}
