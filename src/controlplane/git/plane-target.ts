import type { DeployRequest } from '../../contract/release-api.ts';
import type { EnvironmentKind } from '../../domain/traffic.ts';
import type { AppUrls } from '../releases/app-urls.ts';
import type { Deploys } from '../releases/deploys.ts';
import type { Environments } from '../releases/environments.ts';
import type { LiveApps } from '../releases/live-apps.ts';
import type { DeployTarget } from './deploy-target.ts';

interface PlaneTargetDeps {
  readonly live: LiveApps;
  readonly deploys: Deploys;
  readonly environments: Environments;
  readonly urls: AppUrls;
}

/** Deploys from Git as the control API deploys. */
export class PlaneTarget implements DeployTarget {
  readonly #deps: PlaneTargetDeps;

  constructor(deps: PlaneTargetDeps) {
    this.#deps = deps;
  }

  kindOf(app: string, environment: string): EnvironmentKind | null {
    return this.#deps.live.find(app, environment)?.record.kind ?? null;
  }

  liveIn(app: string, environment: string): string | null {
    return this.#deps.live.find(app, environment)?.record.traffic.stable ?? null;
  }

  urlOf(app: string, environment: string): string {
    return `${this.#deps.urls.baseOf(app, environment)}/`;
  }

  async deploy(
    app: string,
    request: DeployRequest,
    by: string,
    say: (line: string) => void,
  ): Promise<{ readonly release: string }> {
    return await this.#deps.deploys.deploy(app, request, by, (stage, message) =>
      say(`  ${stage}: ${message}`),
    );
  }

  async removeEnvironment(app: string, environment: string): Promise<void> {
    await this.#deps.environments.remove(app, environment);
  }
}
