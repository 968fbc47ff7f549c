/** The SQLite file cannot be used; it was left as it is. The message says what to do. */
export class StateError extends Error {
  override readonly name = 'StateError';
}
