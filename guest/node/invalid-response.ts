/** What the handler gave back is no valid response: reported as RESPONSE_INVALID instead of FUNCTION_THREW. */
export class InvalidResponse extends Error {
  readonly #own = true;
  override readonly name = 'InvalidResponse';

  /** As `instanceof`, but never runs the traps of a proxy that somebody threw. */
  static is(thrown: unknown): boolean {
    return typeof thrown === 'object' && thrown !== null && #own in thrown && thrown.#own;
  }
}
