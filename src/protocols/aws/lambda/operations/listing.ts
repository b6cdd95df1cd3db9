import Type from 'typebox';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import type { DeployedFunction, OwnFunction } from '../function-catalog.ts';
import { deployedView, viewOf } from '../function-view.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { LATEST } from '../names.ts';
import { PAGE_MEMBERS, PAGE_QUERY, pageOf } from '../pages.ts';
import { FUNCTION_NAME, QUALIFIER } from './members.ts';

/** Functions that ListFunctions shows of a page, whatever is asked for. */
const FUNCTIONS_LISTED_MAX = 50;

/** Looking at functions. */
export function listingOperations(parts: LambdaParts): Operation[] {
  const { catalog, store, arns } = parts;
  return [
    operation({
      name: 'ListFunctions',
      method: 'GET',
      path: '/2015-03-31/functions',
      query: [...PAGE_QUERY, 'FunctionVersion', 'MasterRegion'],
      access: 'read',
      input: Type.Object({ ...PAGE_MEMBERS, FunctionVersion: Type.Optional(Type.Enum(['ALL'])) }),
      run: async ({ input, principal }) => {
        const all = await catalog.list(principal);
        const page = pageOf(all, ({ name }) => name, input, FUNCTIONS_LISTED_MAX);
        const shown = page.items.map((fn) => viewsOf(parts, fn, input.FunctionVersion === 'ALL'));
        return answer(200, { Functions: (await Promise.all(shown)).flat(), ...page.next });
      },
    }),
    operation({
      name: 'GetFunctionConfiguration',
      method: 'GET',
      path: '/2015-03-31/functions/{FunctionName}/configuration',
      query: ['Qualifier'],
      access: 'read',
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        Qualifier: QUALIFIER,
      }),
      run: async ({ input, principal }) => {
        const { fn, qualifier } = await catalog.find(input.FunctionName, input.Qualifier, principal);
        return answer(200, await configurationOf(parts, fn, qualifier));
      },
    }),
    operation({
      name: 'ListVersionsByFunction',
      method: 'GET',
      path: '/2015-03-31/functions/{FunctionName}/versions',
      query: PAGE_QUERY,
      access: 'read',
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        ...PAGE_MEMBERS,
      }),
      run: async ({ input, principal }) => {
        const { fn } = await catalog.find(input.FunctionName, undefined, principal);
        if (fn.kind === 'deployed')
          return answer(200, { Versions: [await configurationOf(parts, fn, null)] });
        const versions = await store.listVersions(fn.name);
        const page = pageOf(versions, ({ version }) => String(version).padStart(9, '0'), input);
        const views = page.items.map((one) =>
          viewOf(one, arns, one.version === 0 ? LATEST : String(one.version)),
        );
        return answer(200, { Versions: views, ...page.next });
      },
    }),
  ];
}

/** `FunctionConfiguration` of a function, by its qualifier. @throws AwsError ResourceNotFoundException */
export async function configurationOf(
  { catalog, arns, artifacts }: LambdaParts,
  fn: OwnFunction | DeployedFunction,
  qualifier: string | null,
): Promise<Record<string, unknown>> {
  if (fn.kind === 'own') {
    const { version } = await catalog.qualified(fn, qualifier);
    return viewOf(version, arns, qualifier);
  }
  if (qualifier !== null && qualifier !== LATEST) throw catalog.missing({ name: fn.name, qualifier });
  const codeBytes = (await artifacts.sizeOf(fn.version.artifact))?.bytes ?? 0;
  return deployedView(fn.name, fn.version, arns, { at: fn.environment.record.activatedAt, codeBytes });
}

async function viewsOf(
  parts: LambdaParts,
  fn: OwnFunction | DeployedFunction,
  allVersions: boolean,
): Promise<Record<string, unknown>[]> {
  if (fn.kind === 'deployed' || !allVersions) return [await configurationOf(parts, fn, null)];
  const versions = await parts.store.listVersions(fn.name);
  return versions.map((one) => viewOf(one, parts.arns, one.version === 0 ? LATEST : String(one.version)));
}
