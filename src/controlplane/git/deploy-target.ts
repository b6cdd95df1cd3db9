import type { DeployRequest } from '../../contract/release-api.ts';
import type { EnvironmentKind } from '../../domain/traffic.ts';

/** What deployments from Git need of the rest of the control plane. */
export interface DeployTarget {
  /** Null: there is no such environment. */
  kindOf(app: string, environment: string): EnvironmentKind | null;
  /** The release that serves an environment; null: none. */
  liveIn(app: string, environment: string): string | null;
  urlOf(app: string, environment: string): string;
  /** As the control API does it. Answers the release. */
  deploy(
    app: string,
    request: DeployRequest,
    by: string,
    say: (line: string) => void,
  ): Promise<{ readonly release: string }>;
  removeEnvironment(app: string, environment: string): Promise<void>;
}
