/** What this app needs of the context that Mayfly hands to a handler. */
export interface Context {
  readonly params: Readonly<Record<string, string | undefined>>;
  /** The release that this call belongs to. */
  readonly release: string;
}

/** Every answer says which releases it came from: the own one, then those of the functions that were asked. */
export interface Served {
  readonly releases: readonly string[];
}

export function answer(
  status: number,
  body: object,
  context: Context,
  asked: readonly string[] = [],
): Response {
  const served: Served = { releases: [context.release, ...asked] };
  return Response.json({ ...body, ...served }, { status });
}
