/** A history that one thread must judge: whatever is odd in it is told by the one way that tells of everything. */
export class Unusual extends Error {
  override readonly name = 'Unusual';
}
