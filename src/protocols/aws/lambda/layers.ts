import type { ArtifactStore } from '../../../ports/artifacts.ts';
import type { Clock } from '../../../ports/clock.ts';
import type {
  LambdaCode,
  LambdaDocument,
  LambdaLayerRecord,
  LambdaStore,
} from '../../../ports/lambda-store.ts';
import { invalidParameter, notFound } from '../aws-error.ts';
import type { LambdaCheckpoint } from './checkpoint.ts';
import { versionNumber } from './function-catalog.ts';
import { ACCOUNT_ID, type Arns } from './names.ts';

interface LayersDeps {
  readonly store: LambdaStore;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly arns: Arns;
  readonly checkpoint: LambdaCheckpoint;
}

const LAYER_ARN = /^arn:[a-z0-9-]+:lambda:[a-z0-9-]+:(\d{12}):layer:([a-zA-Z0-9-_]+)(?::(\d+))?$/;

/** Layers: code that functions share, by name and number. */
export class Layers {
  readonly #deps: LayersDeps;

  constructor(deps: LayersDeps) {
    this.#deps = deps;
  }

  async publish(layer: string, configuration: LambdaDocument, code: LambdaCode): Promise<LambdaLayerRecord> {
    const { store, clock, checkpoint } = this.#deps;
    const record = { layer: this.nameOf(layer), createdAt: clock.wall(), configuration, code };
    const version = await store.insertLayer(record);
    checkpoint('layer.saved');
    return { ...record, version, policy: null };
  }

  /** @throws AwsError ResourceNotFoundException */
  async find(layer: string, version: number): Promise<LambdaLayerRecord> {
    const name = this.nameOf(layer);
    const found = await this.#deps.store.getLayer(name, version);
    if (found !== null) return found;
    throw notFound(`The resource you requested does not exist: ${this.#deps.arns.layer(name, version)}.`);
  }

  /** By the ARN of a version. @throws AwsError ResourceNotFoundException, InvalidParameterValueException */
  async findByArn(arn: string): Promise<LambdaLayerRecord> {
    const [, account, layer, version] = LAYER_ARN.exec(arn) ?? [];
    const number = version === undefined ? null : versionNumber(version);
    if (layer === undefined || number === null || account !== ACCOUNT_ID)
      throw invalidParameter(`Layer version ${arn} does not exist.`);
    return await this.find(layer, number);
  }

  /** The artifact of a layer that a function uses. @throws AwsError InvalidParameterValueException */
  async artifactOf(arn: string): Promise<string> {
    const found = await this.findByArn(arn).catch(() => null);
    if (found === null) throw invalidParameter(`Layer version ${arn} does not exist.`);
    return found.code.artifact;
  }

  /** A layer's name, out of a name or an ARN. */
  nameOf(layer: string): string {
    return LAYER_ARN.exec(layer)?.[2] ?? layer;
  }
}
