import Type from 'typebox';
import type { LambdaCode } from '../../../../ports/lambda-store.ts';
import { conflict, invalidParameter } from '../../aws-error.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import { notForApp, sees } from '../access.ts';
import { versionNumber } from '../function-catalog.ts';
import {
  type FunctionSettings,
  type GivenSettings,
  mergeSettings,
  ROLE,
  SETTINGS_MEMBERS,
  settingsOf,
  withRoleOf,
} from '../function-settings.ts';
import { viewOf } from '../function-view.ts';
import { lambdaAppOf } from '../lambda-app.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { LATEST, readFunctionName } from '../names.ts';
import { runtimeOf } from '../runtime-names.ts';
import { checkTags, TAGS_KIND } from '../tags.ts';
import { configurationOf } from './listing.ts';
import { CODE_MEMBERS, checkSource, FUNCTION_NAME, QUALIFIER, requestBytesMax, takeCode } from './members.ts';

const HOST_ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';

const CreateInput = Type.Object({
  FunctionName: FUNCTION_NAME,
  ...SETTINGS_MEMBERS,
  Role: ROLE,
  Code: Type.Object(CODE_MEMBERS),
  PackageType: Type.Optional(Type.Enum(['Zip', 'Image'])),
  Publish: Type.Optional(Type.Boolean()),
  Architectures: Type.Optional(Type.Array(Type.Enum(['x86_64', 'arm64']), { minItems: 1, maxItems: 1 })),
  Tags: Type.Optional(Type.Record(Type.String(), Type.String())),
});

/** Making, describing, configuring and removing functions. */
export function functionOperations(parts: LambdaParts): Operation[] {
  const { catalog, changes, arns, store, quotas } = parts;
  return [
    operation({
      name: 'CreateFunction',
      method: 'POST',
      path: '/2015-03-31/functions',
      access: 'deploy',
      bodyBytesMax: requestBytesMax(quotas),
      carved: ['Code', 'ZipFile'],
      input: CreateInput,
      run: async ({ input, carved, principal }) => {
        const { name } = readFunctionName(input.FunctionName);
        const app = lambdaAppOf(name);
        if (!sees(principal, app)) throw notForApp(principal, app, arns.function(name));
        const isImage = input.PackageType === 'Image';
        checkSource(input.Code, isImage);
        checkTags(input.Tags ?? {});
        const settings = withRoleOf(firstSettings(input, input.Architectures, isImage), input, principal);
        await changes.refuseTaken(name);
        if (catalog.deployed(name) !== null) throw conflict(`Function already exist: ${name}`);
        const code = await takeCode(parts, input.Code, carved, principal);
        const { Tags: tags, Publish: publish = false } = input;
        const made = await changes.create(name, { settings, code, tags, publish }, principal.name);
        return answer(201, viewOf(made, arns, publish ? String(made.version) : null));
      },
    }),
    operation({
      name: 'GetFunction',
      method: 'GET',
      path: '/2015-03-31/functions/{FunctionName}',
      query: ['Qualifier'],
      access: 'read',
      input: Type.Object({ FunctionName: FUNCTION_NAME, Qualifier: QUALIFIER }),
      run: async ({ input, principal }) => {
        const { fn, qualifier } = await catalog.find(input.FunctionName, input.Qualifier, principal);
        const Configuration = await configurationOf(parts, fn, qualifier);
        if (fn.kind === 'deployed') return answer(200, { Configuration, Code: {} });
        const { version } = await catalog.qualified(fn, qualifier);
        const tags = await store.getSetting(fn.name, '', TAGS_KIND);
        const { reserved } = fn.record;
        return answer(200, {
          Configuration,
          Code: codeView(parts, version.code),
          ...(tags === null ? {} : { Tags: tags.value }),
          ...(reserved === null ? {} : { Concurrency: { ReservedConcurrentExecutions: reserved } }),
        });
      },
    }),
    operation({
      name: 'UpdateFunctionConfiguration',
      method: 'PUT',
      path: '/2015-03-31/functions/{FunctionName}/configuration',
      access: 'deploy',
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        ...SETTINGS_MEMBERS,
        RevisionId: Type.Optional(Type.String()),
      }),
      run: async ({ input, principal }) => {
        const { fn } = await catalog.findOwn(input.FunctionName, undefined, principal);
        const record = await changes.exclusively(fn.name, async () => {
          const { latest } = await changes.latestOf(fn.name);
          if (latest.code.image !== undefined) refuseArchiveSettings(input);
          const settings = withRoleOf(mergeSettings(settingsOf(latest), input), input, principal);
          return await changes.change(fn.name, { settings, revision: input.RevisionId }, principal.name);
        });
        return answer(200, viewOf(record, arns, null));
      },
    }),
    operation({
      name: 'DeleteFunction',
      method: 'DELETE',
      path: '/2015-03-31/functions/{FunctionName}',
      query: ['Qualifier'],
      access: 'deploy',
      input: Type.Object({ FunctionName: FUNCTION_NAME, Qualifier: QUALIFIER }),
      run: async ({ input, principal }) => {
        const { fn, qualifier } = await catalog.findOwn(input.FunctionName, input.Qualifier, principal);
        if (qualifier === null) await changes.remove(fn.name);
        else await changes.removeVersion(fn.name, removableVersion(qualifier));
        return answer(204, null);
      },
    }),
  ];
}

function removableVersion(qualifier: string): number {
  if (qualifier === LATEST)
    throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
  const version = versionNumber(qualifier);
  if (version === null) throw invalidParameter('Deletion of aliases is not currently supported.');
  return version;
}

function codeView({ downloads }: LambdaParts, code: LambdaCode): Record<string, unknown> {
  const { image } = code;
  if (image === undefined) return { RepositoryType: 'S3', Location: downloads.urlOf(code) };
  return { RepositoryType: 'ECR', ImageUri: image.uri, ResolvedImageUri: image.resolvedUri };
}

/** @throws AwsError InvalidParameterValueException for what an image says itself */
function refuseArchiveSettings({ Runtime, Handler, Layers }: GivenSettings): void {
  if (Runtime === undefined && Handler === undefined && Layers === undefined) return;
  throw invalidParameter(
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
  );
}

/** What a new function is configured with. @throws AwsError InvalidParameterValueException */
function firstSettings(
  given: GivenSettings,
  architectures: readonly string[] | undefined,
  isImage: boolean,
): FunctionSettings {
  if (isImage) refuseArchiveSettings(given);
  else if (given.Runtime === undefined || given.Handler === undefined) {
    const missing = given.Runtime === undefined ? 'Runtime' : 'Handler';
    throw invalidParameter(`${missing} is mandatory for functions created with deployment packages.`);
  }
  const { Runtime = '', Handler = '', Role = '' } = given;
  const language = isImage ? null : runtimeOf(Runtime).language;
  const [architecture = isImage ? HOST_ARCHITECTURE : 'x86_64'] = architectures ?? [];
  // JavaScript and Python run anywhere; a program of the author's only on what it was built for.
  if (language === null && architecture !== HOST_ARCHITECTURE) {
    throw invalidParameter(
      `This node runs programs for ${HOST_ARCHITECTURE}, not for ${architecture}. Build it for ${HOST_ARCHITECTURE}, and say so in Architectures.`,
    );
  }
  const initial = {
    Runtime,
    Handler,
    Role,
    Description: '',
    Timeout: 3,
    MemorySize: 128,
    Layers: [],
    Architectures: [architecture],
  };
  return mergeSettings<FunctionSettings>(initial, given);
}
