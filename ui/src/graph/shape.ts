// What a layout is asked for and what it gives. Plain data, since it crosses to a worker and back.

export interface Box {
  id: string;
  width: number;
  height: number;
}

export interface Arrow {
  from: string;
  to: string;
}

export interface Sketch {
  boxes: Box[];
  arrows: Arrow[];
  /** Where callees stand from their callers; `best` is whichever of the two can be drawn larger. */
  direction: 'down' | 'right' | 'best';
}

export interface Point {
  x: number;
  y: number;
}

/** Centres of the boxes and the bends of the arrows, each in the order of the sketch. */
export interface Drawing {
  direction: 'down' | 'right';
  width: number;
  height: number;
  boxes: Point[];
  arrows: Point[][];
}
