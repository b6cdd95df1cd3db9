import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import type { LambdaAliasRecord } from '../../../../ports/lambda-store.ts';
import { conflict, notFound } from '../../aws-error.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import { aliasedVersion, checkRouting } from '../alias-routing.ts';
import { checkRevision } from '../function-changes.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { LATEST } from '../names.ts';
import { PAGE_MEMBERS, PAGE_QUERY, pageOf } from '../pages.ts';
import { FUNCTION_NAME } from './members.ts';

const PATHS = {
  all: '/2015-03-31/functions/{FunctionName}/aliases',
  one: '/2015-03-31/functions/{FunctionName}/aliases/{Name}',
} as const;
const NAME = Type.String({ minLength: 1, maxLength: 128, pattern: '^(?!^[0-9]+$)([a-zA-Z0-9-_]+)$' });
const VERSION = Type.String({ minLength: 1, maxLength: 1_024, pattern: '^(\\$LATEST|[0-9]+)$' });
const SETTINGS = {
  Description: Type.Optional(Type.String({ maxLength: 256 })),
  RoutingConfig: Type.Optional(
    Type.Object({ AdditionalVersionWeights: Type.Optional(Type.Record(Type.String(), Type.Number())) }),
  ),
};

/** Names for versions, with shares. */
export function aliasOperations(parts: LambdaParts): Operation[] {
  const { catalog, changes, store, checkpoint, capacity } = parts;
  return [
    operation({
      name: 'CreateAlias',
      method: 'POST',
      path: PATHS.all,
      access: 'deploy',
      input: Type.Object({ FunctionName: FUNCTION_NAME, Name: NAME, FunctionVersion: VERSION, ...SETTINGS }),
      run: async ({ input, principal }) => {
        const { fn } = await catalog.findOwn(input.FunctionName, undefined, principal);
        return await changes.exclusively(fn.name, async () => {
          if ((await store.getAlias(fn.name, input.Name)) !== null)
            throw conflict(`Alias already exists: ${parts.arns.function(fn.name, input.Name)}`);
          const version = aliasedVersion(input.FunctionVersion);
          const weights = input.RoutingConfig?.AdditionalVersionWeights ?? {};
          const alias = {
            function: fn.name,
            name: input.Name,
            revision: randomUUID(),
            description: input.Description ?? '',
            version,
            routing: await knownRouting(parts, fn.name, version, weights),
          };
          await store.saveAlias(alias);
          checkpoint('alias.saved');
          capacity.align(fn.name, principal.name);
          return answer(201, aliasView(parts, alias));
        });
      },
    }),
    operation({
      name: 'UpdateAlias',
      method: 'PUT',
      path: PATHS.one,
      access: 'deploy',
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        Name: NAME,
        FunctionVersion: Type.Optional(VERSION),
        ...SETTINGS,
        RevisionId: Type.Optional(Type.String()),
      }),
      run: async ({ input, principal }) => {
        const { fn } = await catalog.findOwn(input.FunctionName, undefined, principal);
        return await changes.exclusively(fn.name, async () => {
          const before = await existing(parts, fn.name, input.Name);
          checkRevision(before.revision, input.RevisionId);
          const { FunctionVersion, RoutingConfig, Description } = input;
          const version = FunctionVersion === undefined ? before.version : aliasedVersion(FunctionVersion);
          const weights =
            RoutingConfig === undefined ? before.routing : RoutingConfig.AdditionalVersionWeights;
          const alias = {
            ...before,
            revision: randomUUID(),
            description: Description ?? before.description,
            version,
            routing: await knownRouting(parts, fn.name, version, weights ?? {}),
          };
          await store.saveAlias(alias);
          checkpoint('alias.saved');
          capacity.align(fn.name, principal.name);
          return answer(200, aliasView(parts, alias));
        });
      },
    }),
    operation({
      name: 'GetAlias',
      method: 'GET',
      path: PATHS.one,
      access: 'read',
      input: Type.Object({ FunctionName: FUNCTION_NAME, Name: NAME }),
      run: async ({ input, principal }) => {
        const { fn } = await catalog.findOwn(input.FunctionName, undefined, principal);
        return answer(200, aliasView(parts, await existing(parts, fn.name, input.Name)));
      },
    }),
    operation({
      name: 'ListAliases',
      method: 'GET',
      path: PATHS.all,
      query: [...PAGE_QUERY, 'FunctionVersion'],
      access: 'read',
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        FunctionVersion: Type.Optional(VERSION),
        ...PAGE_MEMBERS,
      }),
      run: async ({ input, principal }) => {
        const { fn } = await catalog.find(input.FunctionName, undefined, principal);
        const all = fn.kind === 'own' ? await store.listAliases(fn.name) : [];
        const wanted = input.FunctionVersion === undefined ? null : aliasedVersion(input.FunctionVersion);
        const shown = all.filter(({ version }) => wanted === null || version === wanted);
        const page = pageOf(shown, ({ name }) => name, input);
        return answer(200, { Aliases: page.items.map((alias) => aliasView(parts, alias)), ...page.next });
      },
    }),
    operation({
      name: 'DeleteAlias',
      method: 'DELETE',
      path: PATHS.one,
      access: 'deploy',
      input: Type.Object({ FunctionName: FUNCTION_NAME, Name: NAME }),
      run: async ({ input, principal }) => {
        const { fn } = await catalog.findOwn(input.FunctionName, undefined, principal);
        await changes.exclusively(fn.name, () => store.removeAlias(fn.name, input.Name));
        checkpoint('alias.removed');
        capacity.align(fn.name, principal.name);
        return answer(204, null);
      },
    }),
  ];
}

async function existing({ store, arns }: LambdaParts, fn: string, name: string): Promise<LambdaAliasRecord> {
  const alias = await store.getAlias(fn, name);
  if (alias === null) throw notFound(`Cannot find alias arn: ${arns.function(fn, name)}`);
  return alias;
}

/** @throws AwsError ResourceNotFoundException for a version that is not there, InvalidParameterValueException */
async function knownRouting(
  { store, arns }: LambdaParts,
  fn: string,
  version: number,
  weights: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const routing = checkRouting(version, weights);
  for (const one of [version, ...Object.keys(routing).map(Number)]) {
    if ((await store.getVersion(fn, one)) === null)
      throw notFound(`Function not found: ${arns.function(fn, String(one))}`);
  }
  return routing;
}

function aliasView({ arns }: LambdaParts, alias: LambdaAliasRecord): Record<string, unknown> {
  const { name, version, description, revision, routing } = alias;
  return {
    AliasArn: arns.function(alias.function, name),
    Name: name,
    FunctionVersion: version === 0 ? LATEST : String(version),
    Description: description,
    RevisionId: revision,
    ...(Object.keys(routing).length === 0 ? {} : { RoutingConfig: { AdditionalVersionWeights: routing } }),
  };
}
