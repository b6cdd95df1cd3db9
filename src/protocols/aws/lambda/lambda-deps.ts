import type { ControlPlane } from '../../../controlplane/control-plane.ts';
import type { ArtifactStore } from '../../../ports/artifacts.ts';
import type { AsyncInvoker } from '../../../ports/async-invoker.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Invoker } from '../../../ports/invoker.ts';
import type { LambdaStore } from '../../../ports/lambda-store.ts';
import type { LogReader } from '../../../ports/log-reader.ts';
import type { FunctionCatalog } from './function-catalog.ts';
import type { Arns } from './names.ts';

/** What the node gives the Lambda API. */
export interface LambdaApiDeps {
  readonly store: LambdaStore;
  readonly plane: Pick<ControlPlane, 'live' | 'deploys' | 'environments' | 'releases'>;
  readonly artifacts: ArtifactStore;
  readonly invoker: Invoker;
  readonly asyncInvoker: AsyncInvoker;
  readonly logs: LogReader;
  readonly clock: Clock;
  readonly region: string;
}

/** What the operations are made with. */
export interface LambdaParts extends LambdaApiDeps {
  readonly arns: Arns;
  readonly catalog: FunctionCatalog;
}
