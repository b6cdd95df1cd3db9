import type { RestJsonApi } from '../rest/rest-json-front.ts';
import { FunctionCatalog } from './function-catalog.ts';
import type { LambdaApiDeps, LambdaParts } from './lambda-deps.ts';
import { Arns } from './names.ts';
import { listingOperations } from './operations/listing.ts';

/**
 * AWS Lambda's API: the table of its operations. Each group is a file of `operations/`, a function from `LambdaParts` to rows.
 *
 * To add an operation:
 * 1. Take method, path, query and status from the vendor's reference, and write a row with `operation({…})`. `input` is one TypeBox
 *    object with the members of path, query and body together; what breaks it is answered as AWS does before `run` is called.
 *    `access` is the role that it needs.
 * 2. In `run`, find the function by `catalog.find` (or `findOwn`, for what changes it): it reads names and ARNs, and refuses
 *    principals that are restricted to other apps. `catalog.qualified` says what a version or alias means.
 * 3. What is to be kept for a function or a qualifier goes to `store.saveSetting` under a kind of its own; it is removed with the
 *    function, the version or the alias. Change a function only inside `changes.exclusively(name, …)`.
 * 4. Throw `AwsError`s; the constructors in `aws-error.ts` know their statuses. Lists are cut by `pageOf`.
 * 5. Add the group here, and the operation to the table in docs/recipes/use-the-lambda-api.md.
 *
 * What is not a REST operation (a host or a path of its own on the edge port) is an `EdgeFront`, given to the listener in
 * `compose/edge.ts` before the API.
 */
export function lambdaApi(deps: LambdaApiDeps): RestJsonApi {
  const arns = new Arns(deps.region);
  const catalog = new FunctionCatalog({ store: deps.store, live: deps.plane.live, arns });
  const parts: LambdaParts = { ...deps, arns, catalog };
  return { service: 'lambda', operations: [...listingOperations(parts)] };
}
