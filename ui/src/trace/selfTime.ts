// The time of each span in which none of its children ran.

/** Of rows in the order of the tree. */
export function selfTime(start: Float64Array, duration: Float64Array, end: Int32Array): Float64Array {
  const self = new Float64Array(start.length);
  for (let row = 0; row < start.length; row++) {
    const from = start[row]!;
    const to = from + duration[row]!;
    let covered = 0;
    // Children come by start, so what is covered so far is one edge.
    let edge = from;
    for (let child = row + 1; child < end[row]!; child = end[child]!) {
      const begin = Math.max(start[child]!, edge);
      const stop = Math.min(start[child]! + duration[child]!, to);
      if (stop > begin) {
        covered += stop - begin;
        edge = stop;
      }
    }
    self[row] = duration[row]! - covered;
  }
  return self;
}
