import type { EdgeFront } from '../edge-front.ts';
import type { RestJsonApi } from '../rest/rest-json-front.ts';
import { CapacityChanges } from './capacity-changes.ts';
import { CodeDownloads } from './code-downloads.ts';
import { CodePackages } from './code-packages.ts';
import { FunctionCatalog } from './function-catalog.ts';
import { FunctionChanges } from './function-changes.ts';
import { FunctionIdentities } from './function-identities.ts';
import { FunctionReleases } from './function-releases.ts';
import { ImageSources } from './image-sources.ts';
import { Invocations } from './invocations.ts';
import type { LambdaApiDeps, LambdaParts } from './lambda-deps.ts';
import { Layers } from './layers.ts';
import { Arns } from './names.ts';
import { aliasOperations } from './operations/aliases.ts';
import { codeOperations } from './operations/code.ts';
import { concurrencyOperations } from './operations/concurrency.ts';
import { eventInvokeOperations } from './operations/event-invoke.ts';
import { eventSourceOperations } from './operations/event-sources.ts';
import { functionOperations } from './operations/functions.ts';
import { invokeOperations } from './operations/invoke.ts';
import { layerPermissionOperations } from './operations/layer-permissions.ts';
import { layerOperations } from './operations/layers.ts';
import { listingOperations } from './operations/listing.ts';
import { managementOperations } from './operations/management.ts';
import { permissionOperations } from './operations/permissions.ts';
import { provisionedConcurrencyOperations } from './operations/provisioned-concurrency.ts';
import { tagOperations } from './operations/tags.ts';
import { urlOperations } from './operations/urls.ts';
import { FunctionUrls } from './urls/function-urls.ts';
import { UrlAccess } from './urls/url-access.ts';
import { UrlFront } from './urls/url-front.ts';

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
export function lambdaApi(deps: LambdaApiDeps): LambdaApi {
  const arns = new Arns(deps.region);
  const { checkpoint = () => {} } = deps;
  const shared = { ...deps, arns, checkpoint };
  const layers = new Layers(shared);
  const identities = new FunctionIdentities(deps.store);
  const catalog = new FunctionCatalog({ store: deps.store, live: deps.plane.live, arns, identities });
  const serving = new FunctionReleases({ ...shared, layers });
  const changes = new FunctionChanges({ ...shared, serving });
  const capacity = new CapacityChanges({ ...shared, changes, serving });
  const downloads = new CodeDownloads(deps);
  const invocations = new Invocations({ ...shared, catalog });
  const urls = new FunctionUrls(deps);
  const urlFront = new UrlFront({
    ...deps,
    urls,
    access: new UrlAccess({ ...deps, catalog, identities }),
    invocations,
  });
  const parts: LambdaParts = {
    ...shared,
    layers,
    catalog,
    changes,
    downloads,
    packages: new CodePackages(shared),
    images: new ImageSources(deps.plane.live),
    invocations,
    urls,
    capacity,
  };
  const operations = [
    ...listingOperations(parts),
    ...functionOperations(parts),
    ...codeOperations(parts),
    ...aliasOperations(parts),
    ...layerOperations(parts),
    ...invokeOperations(parts),
    ...urlOperations(parts),
    ...concurrencyOperations(parts),
    ...provisionedConcurrencyOperations(parts),
    ...eventInvokeOperations(parts),
    ...eventSourceOperations(parts),
    ...tagOperations(parts),
    ...managementOperations(parts),
    ...permissionOperations(parts),
    ...layerPermissionOperations(parts),
  ];
  return {
    api: { service: 'lambda', operations },
    fronts: [downloads, urlFront],
    recover: async () => {
      await changes.recover();
      await capacity.recover();
    },
  };
}

export interface LambdaApi {
  readonly api: RestJsonApi;
  /** What else answers on the edge port for it. */
  readonly fronts: readonly EdgeFront[];
  /** Finishes or undoes what an earlier process left half done; to be awaited before anything is served. */
  recover(): Promise<void>;
}
