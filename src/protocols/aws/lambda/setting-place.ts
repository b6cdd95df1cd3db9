import type { Principal } from '../../../controlplane/tokens/tokens.ts';
import type { LambdaParts } from './lambda-deps.ts';
import { LATEST } from './names.ts';

/** What a setting hangs on: a function, or one of its versions or aliases. */
export interface SettingPlace {
  readonly function: string;
  readonly app: string;
  /** As the store has it: `''` for the function itself, which `$LATEST` means as well. */
  readonly qualifier: string;
  /** Without a qualifier for the function itself. */
  readonly arn: string;
}

/**
 * The place that a caller names, to look at what is set there. A function of `mayfly deploy` is one at which nothing is set.
 * @throws AwsError ResourceNotFoundException, AccessDeniedException, InvalidParameterValueException
 */
export async function placeToRead(
  { catalog, arns }: LambdaParts,
  name: string,
  qualifier: string | undefined,
  principal: Principal,
): Promise<SettingPlace> {
  const found = await catalog.find(name, qualifier, principal);
  const { fn } = found;
  const place = found.qualifier === null || found.qualifier === LATEST ? '' : found.qualifier;
  if (place !== '') {
    if (fn.kind === 'deployed') throw catalog.missing({ name: fn.name, qualifier: place });
    await catalog.qualified(fn, place);
  }
  return {
    function: fn.name,
    app: fn.app,
    qualifier: place,
    arn: arns.function(fn.name, place === '' ? null : place),
  };
}

/**
 * Changes what is set at the place that a caller names: alone, so that the place is there until it is done.
 * @throws AwsError as `placeToRead`; also InvalidParameterValueException for a deployed function
 */
export async function changeAt<T>(
  parts: LambdaParts,
  name: string,
  qualifier: string | undefined,
  principal: Principal,
  change: (place: SettingPlace) => Promise<T>,
): Promise<T> {
  const { fn } = await parts.catalog.findOwn(name, qualifier, principal);
  return await parts.changes.exclusively(fn.name, async () =>
    change(await placeToRead(parts, name, qualifier, principal)),
  );
}

/** The ARN of a place that always says its qualifier: `…:$LATEST` for the function itself. */
export function qualifiedArn({ arn, qualifier }: SettingPlace): string {
  return qualifier === '' ? `${arn}:${LATEST}` : arn;
}
