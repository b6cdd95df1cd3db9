import { RUNTIMES } from '../../../contract/runtimes.ts';
import type { LiveApps } from '../../../controlplane/releases/live-apps.ts';
import type { Principal } from '../../../controlplane/tokens/tokens.ts';
import type { FunctionVersion } from '../../../domain/function-version.ts';
import type { LambdaCode } from '../../../ports/lambda-store.ts';
import { accessDenied, invalidParameter } from '../aws-error.ts';
import { sees } from './access.ts';

/** `APP/FUNCTION`, then `:ENVIRONMENT` or `@sha256:DIGEST`; nothing before it: no registry is asked. */
const URI = /^([a-z0-9-]{1,63})\/([a-z0-9-]{1,63})(?::([a-z0-9-]{1,63})|@sha256:([0-9a-f]{64}))?$/;
const PRODUCTION = 'production';

/**
 * Images by their URI. A node asks no registry; it takes the images that it has: those of functions that `mayfly deploy` brought. So an app's
 * function is a repository, an environment of the app a tag, and the digest is that of the image's artifact.
 */
export class ImageSources {
  readonly #live: LiveApps;

  constructor(live: LiveApps) {
    this.#live = live;
  }

  /** @throws AwsError InvalidParameterValueException, AccessDeniedException */
  find(uri: string, principal: Principal): LambdaCode {
    const [, app, name, tag = PRODUCTION, digest] = URI.exec(uri) ?? [];
    if (app === undefined || name === undefined) {
      throw invalidParameter(
        `Source image ${uri} is not valid. This node asks no registry: bring the image with "mayfly deploy" as a function with "image:", and name it as APP/FUNCTION, APP/FUNCTION:ENVIRONMENT or APP/FUNCTION@sha256:DIGEST.`,
      );
    }
    if (!sees(principal, app))
      throw accessDenied(`Lambda does not have permission to access the image ${uri}.`);
    const version = this.#versionOf(app, name, digest === undefined ? tag : null, digest ?? null);
    if (version === null) {
      throw invalidParameter(
        `Source image ${uri} does not exist. Provide a valid source image: a function of the runtime "container" that is deployed on this node.`,
      );
    }
    const { artifact, handler } = version;
    const resolvedUri = `${app}/${name}@sha256:${artifact}`;
    const image = { uri, resolvedUri, file: handler.file };
    return { zip: artifact, bytes: 0, package: artifact, artifact, image };
  }

  #versionOf(app: string, name: string, tag: string | null, digest: string | null): FunctionVersion | null {
    for (const { record, stable } of this.#live.environmentsOf(app)) {
      const version = stable?.functions.get(name);
      if (version === undefined || RUNTIMES[version.runtime]?.image !== true) continue;
      if (tag === null ? version.artifact === digest : record.name === tag) return version;
    }
    return null;
  }
}
