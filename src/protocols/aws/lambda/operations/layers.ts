import Type from 'typebox';
import type { LambdaLayerRecord } from '../../../../ports/lambda-store.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import { mayUseNode } from '../access.ts';
import { timeOf } from '../function-view.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { PAGE_MEMBERS, PAGE_QUERY, pageOf } from '../pages.ts';
import { CODE_MEMBERS, refuseStoredCode, requestBytesMax } from './members.ts';

export const LAYER = Type.String({
  minLength: 1,
  maxLength: 140,
  pattern: '^(arn:[a-z0-9-]+:lambda:[a-z0-9-]+:\\d{12}:layer:)?[a-zA-Z0-9-_]+$',
});
export const LAYER_VERSION = Type.Integer({ minimum: 1 });
export const LAYER_PATHS = {
  layers: '/2018-10-31/layers',
  versions: '/2018-10-31/layers/{LayerName}/versions',
  version: '/2018-10-31/layers/{LayerName}/versions/{VersionNumber}',
} as const;
const LISTED_QUERY = [...PAGE_QUERY, 'CompatibleRuntime', 'CompatibleArchitecture'];
const LISTED_MEMBERS = {
  ...PAGE_MEMBERS,
  CompatibleRuntime: Type.Optional(Type.String()),
  CompatibleArchitecture: Type.Optional(Type.String()),
};

/** Code that functions share. Layers belong to the node as a whole. */
export function layerOperations(parts: LambdaParts): Operation[] {
  const { layers, packages, store, arns, quotas } = parts;
  return [
    operation({
      name: 'PublishLayerVersion',
      method: 'POST',
      path: LAYER_PATHS.versions,
      access: 'deploy',
      bodyBytesMax: requestBytesMax(quotas),
      carved: ['Content', 'ZipFile'],
      input: Type.Object({
        LayerName: LAYER,
        Content: Type.Object(CODE_MEMBERS),
        Description: Type.Optional(Type.String({ maxLength: 256 })),
        CompatibleRuntimes: Type.Optional(Type.Array(Type.String(), { maxItems: 15 })),
        CompatibleArchitectures: Type.Optional(Type.Array(Type.Enum(['x86_64', 'arm64']), { maxItems: 2 })),
        LicenseInfo: Type.Optional(Type.String({ maxLength: 512 })),
      }),
      run: async ({ input, carved, principal }) => {
        mayUseNode(principal, `layer ${input.LayerName}`);
        refuseStoredCode(input.Content);
        const code = await packages.take(carved);
        const { LayerName, Content: _sent, ...configuration } = input;
        const published = await layers.publish(LayerName, { Description: '', ...configuration }, code);
        return answer(201, withContent(parts, published));
      },
    }),
    operation({
      name: 'GetLayerVersion',
      method: 'GET',
      path: LAYER_PATHS.version,
      access: 'read',
      input: Type.Object({ LayerName: LAYER, VersionNumber: LAYER_VERSION }),
      run: async ({ input }) =>
        answer(200, withContent(parts, await layers.find(input.LayerName, input.VersionNumber))),
    }),
    operation({
      name: 'GetLayerVersionByArn',
      method: 'GET',
      path: `${LAYER_PATHS.layers}?find=LayerVersion`,
      query: ['Arn'],
      access: 'read',
      input: Type.Object({ Arn: Type.String({ maxLength: 140 }) }),
      run: async ({ input }) => answer(200, withContent(parts, await layers.findByArn(input.Arn))),
    }),
    operation({
      name: 'ListLayerVersions',
      method: 'GET',
      path: LAYER_PATHS.versions,
      query: LISTED_QUERY,
      access: 'read',
      input: Type.Object({ LayerName: LAYER, ...LISTED_MEMBERS }),
      run: async ({ input }) => {
        const all = (await store.listLayers(layers.nameOf(input.LayerName))).filter(fits(input));
        // The newest first, so that a marker counts down.
        const page = pageOf(all, ({ version }) => String(999_999_999 - version).padStart(9, '0'), input);
        return answer(200, { LayerVersions: page.items.map((layer) => viewOf(parts, layer)), ...page.next });
      },
    }),
    operation({
      name: 'ListLayers',
      method: 'GET',
      path: LAYER_PATHS.layers,
      query: LISTED_QUERY,
      access: 'read',
      input: Type.Object(LISTED_MEMBERS),
      run: async ({ input }) => {
        const all = (await store.listLayers()).filter(fits(input));
        const newest = all.filter(({ layer }, index) => all[index - 1]?.layer !== layer);
        const page = pageOf(newest, ({ layer }) => layer, input);
        const shown = page.items.map((layer) => ({
          LayerName: layer.layer,
          LayerArn: arns.layer(layer.layer),
          LatestMatchingVersion: viewOf(parts, layer),
        }));
        return answer(200, { Layers: shown, ...page.next });
      },
    }),
    operation({
      name: 'DeleteLayerVersion',
      method: 'DELETE',
      path: LAYER_PATHS.version,
      access: 'deploy',
      input: Type.Object({ LayerName: LAYER, VersionNumber: LAYER_VERSION }),
      run: async ({ input, principal }) => {
        mayUseNode(principal, `layer ${input.LayerName}`);
        await store.removeLayer(layers.nameOf(input.LayerName), input.VersionNumber);
        return answer(204, null);
      },
    }),
  ];
}

interface Wanted {
  readonly CompatibleRuntime?: string;
  readonly CompatibleArchitecture?: string;
}

function fits({ CompatibleRuntime, CompatibleArchitecture }: Wanted): (layer: LambdaLayerRecord) => boolean {
  const names = (list: unknown, name: string): boolean => !Array.isArray(list) || list.includes(name);
  return ({ configuration }) =>
    (CompatibleRuntime === undefined || names(configuration.CompatibleRuntimes, CompatibleRuntime)) &&
    (CompatibleArchitecture === undefined ||
      names(configuration.CompatibleArchitectures, CompatibleArchitecture));
}

function viewOf({ arns }: LambdaParts, layer: LambdaLayerRecord): Record<string, unknown> {
  return {
    ...layer.configuration,
    LayerVersionArn: arns.layer(layer.layer, layer.version),
    Version: layer.version,
    CreatedDate: timeOf(layer.createdAt),
  };
}

function withContent(parts: LambdaParts, layer: LambdaLayerRecord): Record<string, unknown> {
  const { code } = layer;
  return {
    ...viewOf(parts, layer),
    LayerArn: parts.arns.layer(layer.layer),
    Content: {
      Location: parts.downloads.urlOf(code),
      CodeSha256: Buffer.from(code.zip, 'hex').toString('base64'),
      CodeSize: code.bytes,
    },
  };
}
