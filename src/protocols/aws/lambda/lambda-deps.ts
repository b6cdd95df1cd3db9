import type { ControlPlane } from '../../../controlplane/control-plane.ts';
import type { Principal } from '../../../controlplane/tokens/tokens.ts';
import type { MayflyError } from '../../../domain/errors.ts';
import type { ArchiveUnpacker } from '../../../ports/archive-unpacker.ts';
import type { ArtifactStore } from '../../../ports/artifacts.ts';
import type { AsyncInvoker } from '../../../ports/async-invoker.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Invoker } from '../../../ports/invoker.ts';
import type { LambdaStore } from '../../../ports/lambda-store.ts';
import type { LogReader } from '../../../ports/log-reader.ts';
import type { Warmness } from '../../../ports/warmness.ts';
import type { SignatureVerifier } from '../sigv4/signature-verifier.ts';
import type { CapacityChanges } from './capacity-changes.ts';
import type { LambdaCheckpoint } from './checkpoint.ts';
import type { CodeDownloads } from './code-downloads.ts';
import type { CodePackages, LambdaQuotas } from './code-packages.ts';
import type { FunctionCatalog } from './function-catalog.ts';
import type { FunctionChanges } from './function-changes.ts';
import type { ImageSources } from './image-sources.ts';
import type { Invocations } from './invocations.ts';
import type { Layers } from './layers.ts';
import type { Arns } from './names.ts';
import type { FunctionUrls } from './urls/function-urls.ts';

/** What the node gives the Lambda API. */
export interface LambdaApiDeps {
  readonly store: LambdaStore;
  readonly plane: Pick<ControlPlane, 'live' | 'deploys' | 'environments' | 'releases'>;
  readonly artifacts: ArtifactStore;
  readonly unpacker: ArchiveUnpacker;
  readonly invoker: Invoker;
  readonly asyncInvoker: AsyncInvoker;
  readonly logs: LogReader;
  readonly warmness: Warmness;
  readonly clock: Clock;
  readonly region: string;
  readonly quotas: LambdaQuotas;
  /** 32 random bytes. */
  readonly masterKey: Uint8Array;
  /** Where the edge listens, as its clients reach it. */
  readonly edgeUrl: () => string;
  readonly verifier: SignatureVerifier<Principal>;
  readonly onDefect: (error: MayflyError, requestId: string) => void;
  readonly checkpoint?: LambdaCheckpoint;
}

/** What the operations are made with. */
export interface LambdaParts extends LambdaApiDeps {
  readonly checkpoint: LambdaCheckpoint;
  readonly arns: Arns;
  readonly catalog: FunctionCatalog;
  readonly changes: FunctionChanges;
  readonly packages: CodePackages;
  readonly images: ImageSources;
  readonly layers: Layers;
  readonly downloads: CodeDownloads;
  readonly invocations: Invocations;
  readonly urls: FunctionUrls;
  readonly capacity: CapacityChanges;
}
