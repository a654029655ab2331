// Texts in boxes, which SVG neither breaks nor cuts.

import { line } from '../format/text';

/** About what a letter of a name takes, and of the small line below it. */
const LETTER = 7.4;
const SMALL = 6.2;
const SIDES = 24;
const NARROWEST = 110;
const WIDEST = 280;

/** How wide a box must be for its two lines. */
export function widthFor(name: string, below: string): number {
  const long = (line: string, letter: number) => [...line.slice(0, WIDEST)].length * letter + SIDES;
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, long(name, LETTER), long(below, SMALL))));
}

/** The text if it fits, else its beginning and end: names that begin alike differ at their ends. */
export function cutTo(text: string, width: number, small = false): string {
  const room = Math.max(3, Math.floor((width - SIDES + 1) / (small ? SMALL : LETTER)));
  // By what is seen as a letter, and not by the whole of a text that may be a megabyte.
  const letters = [...text.slice(0, room * 4)];
  if (letters.length <= room && text.length <= room * 4) return text;
  const behind = Math.floor((room - 1) / 3);
  const end = behind > 0 ? [...text.slice(-behind * 2)].slice(-behind).join('') : '';
  return `${letters.slice(0, room - 1 - behind).join('')}…${end}`;
}

/** What turns the writing round, and would turn the figures behind a name with it. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** A name of others among words of ours, where no element can isolate it. */
export function plainly(name: string): string {
  return line(name, 120).replace(TURNS, '');
}
