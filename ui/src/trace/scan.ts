// Cuts `{"data":[{"spans":[…],"processes":{…}}]}` into pieces as it arrives, without making objects of it: where each
// span begins and ends, and where the few other values are. Behind it each piece is plain JSON.

/** A value's bytes. */
export interface Piece {
  from: number;
  to: number;
}

/** One trace of the answer. */
export interface Cut {
  spans: Piece[];
  processes?: Piece;
  warnings?: Piece;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;

// Depths of `{"data":[{"spans":[{`, counted in brackets.
const ANSWER = 1;
const TRACE = 3;
const SPANS = 4;

const ascii = new TextDecoder('latin1');

/** Takes the answer's bytes piece by piece. */
export class Scanner {
  readonly traces: Cut[] = [];
  /** The answer's `errors`. */
  errors?: Piece;
  /** Called for each whole span. */
  onSpan?: (trace: Cut, span: Piece) => void;

  private at = 0;
  private depth = 0;
  private inText = false;
  private escaped = false;
  private textFrom = 0;
  /** The last text at the depths where keys matter: a key, until a value follows. */
  private key = '';
  private answerKey = '';
  /** Where the value at each depth began. */
  private readonly from = new Float64Array(SPANS + 1);

  /** Goes on to `length`; `bytes` holds everything from the beginning, and may be another buffer each time. */
  scan(bytes: Uint8Array, length: number): void {
    let at = this.at;
    while (at < length) {
      if (this.inText) {
        at = this.text(bytes, at, length);
        continue;
      }
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.inText = true;
        this.textFrom = at + 1;
      } else if (byte === OPEN || byte === OPEN_LIST) this.open(at);
      else if (byte === CLOSE || byte === CLOSE_LIST) this.close(at);
      else if (byte === COMMA && (this.depth === TRACE || this.depth === ANSWER)) this.setKey('');
      at++;
    }
    this.at = at;
  }

  /** Whether the answer came to its end. */
  get whole(): boolean {
    return this.depth === 0 && this.at > 0;
  }

  private setKey(key: string) {
    if (this.depth === TRACE) this.key = key;
    else if (this.depth === ANSWER) this.answerKey = key;
  }

  /** To the text's end, which is most of the bytes. */
  private text(bytes: Uint8Array, begin: number, length: number): number {
    let at = begin;
    if (this.escaped) {
      this.escaped = false;
      at++;
    }
    while (at < length) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.inText = false;
        // Of a key and its value the key stands first.
        const wanted = (this.depth === TRACE && !this.key) || (this.depth === ANSWER && !this.answerKey);
        if (wanted) this.setKey(ascii.decode(bytes.subarray(this.textFrom, at)));
        return at + 1;
      }
      if (byte === BACKSLASH) {
        if (at + 1 >= length) {
          this.escaped = true;
          return at + 1;
        }
        at++;
      }
      at++;
    }
    return at;
  }

  private open(at: number) {
    const inData = this.answerKey === 'data';
    if (this.depth <= SPANS) this.from[this.depth] = at;
    this.depth++;
    if (inData && this.depth === TRACE) {
      this.traces.push({ spans: [] });
      this.key = '';
    }
  }

  private close(at: number) {
    this.depth--;
    if (this.depth > SPANS || this.depth < ANSWER) return;
    const piece = { from: this.from[this.depth]!, to: at + 1 };
    if (this.depth === ANSWER && this.answerKey === 'errors') this.errors = piece;
    if (this.answerKey !== 'data') return;
    const trace = this.traces.at(-1);
    if (!trace) return;
    if (this.depth === SPANS && this.key === 'spans') {
      trace.spans.push(piece);
      this.onSpan?.(trace, piece);
    } else if (this.depth === TRACE && this.key === 'processes') trace.processes = piece;
    else if (this.depth === TRACE && this.key === 'warnings') trace.warnings = piece;
  }
}
