/** What the handler gave back is no valid response: reported as RESPONSE_INVALID instead of FUNCTION_THREW. */
export class InvalidResponse extends Error {
  override readonly name = 'InvalidResponse';
}
