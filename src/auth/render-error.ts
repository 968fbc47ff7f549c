/** A login cannot be written down without changing its meaning; the sentence says what to do. Never holds a value. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}
