import type { CorsFile } from '../../config-schema.ts';
import type { Place } from '../../problem.ts';
import type { AppDraft } from '../app-draft.ts';
import { addAwsRoute } from './aws-routes.ts';

/** The URL of its own that a Lambda function asks for. */
export interface FunctionUrl {
  readonly function: string;
  readonly place: Place;
  /** As it is called in the project file. */
  readonly what: string;
  readonly cors: CorsFile | undefined;
  /** Whether only some may call it, so that no route is made. */
  readonly closed: boolean;
}

/**
 * Makes routes of the URLs, when every other route is known. In AWS each is a host of its own, with the function at its root. The only one of an app
 * without other routes is so here too; else a function is at `/NAME` and all below, which is told.
 */
export function addFunctionUrls(
  draft: AppDraft,
  urls: readonly FunctionUrl[],
  names: Iterable<string>,
): void {
  const hasRoutes = [...names].some((name) => (draft.function(name).routes ?? []).length > 0);
  const isAlone = urls.length === 1 && !hasRoutes;
  for (const { function: name, place, what, cors, closed } of urls) {
    if (closed) continue;
    if (!isAlone) {
      const means = `a URL of its own is /${name} here, and the path in the event begins with it`;
      draft.ignored({ place, what, means, function: name });
    }
    for (const path of isAlone ? ['*'] : [name, `${name}/{proxy+}`]) {
      addAwsRoute(draft, { function: name, place, method: '*', path, cors, payload: '2.0' });
    }
  }
}
