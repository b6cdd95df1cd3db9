import Type from 'typebox';
import { AwsError, notFound } from '../../aws-error.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { PAGE_MEMBERS, PAGE_QUERY, pageOf } from '../pages.ts';
import { changeAt, placeToRead, type SettingPlace } from '../setting-place.ts';
import type { FunctionUrl } from '../urls/function-urls.ts';
import { FUNCTION_NAME } from './members.ts';

const PATH = '/2021-10-31/functions/{FunctionName}/url';
/** An alias: numbered versions have no URLs. */
const ALIAS = Type.Optional(
  Type.String({ minLength: 1, maxLength: 128, pattern: '^(?!^\\d+$)[0-9a-zA-Z-_]+$' }),
);
const AUTH_TYPE = Type.Enum(['NONE', 'AWS_IAM']);
const INVOKE_MODE = Type.Enum(['BUFFERED', 'RESPONSE_STREAM']);
const names = (charsMax: number) =>
  Type.Optional(Type.Array(Type.String({ maxLength: charsMax }), { maxItems: 100 }));
const CORS = Type.Object({
  AllowCredentials: Type.Optional(Type.Boolean()),
  AllowHeaders: names(1_024),
  AllowMethods: Type.Optional(
    Type.Array(Type.Enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', '*']), { maxItems: 6 }),
  ),
  AllowOrigins: names(253),
  ExposeHeaders: names(1_024),
  MaxAge: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
});
const PLACE = { FunctionName: FUNCTION_NAME, Qualifier: ALIAS };

/** Addresses at which functions are called over HTTP. */
export function urlOperations(parts: LambdaParts): Operation[] {
  const { urls, clock, arns } = parts;
  const existing = async ({ function: fn, qualifier, arn }: SettingPlace): Promise<FunctionUrl> => {
    const url = await urls.at(fn, qualifier);
    if (url === null) throw notFound(`The function ${arn} has no URL.`);
    return url;
  };
  const viewOf = (url: FunctionUrl): Record<string, unknown> => ({
    FunctionUrl: urls.addressOf(url),
    FunctionArn: arns.function(url.function, url.qualifier === '' ? null : url.qualifier),
    AuthType: url.AuthType,
    InvokeMode: url.InvokeMode,
    ...(url.Cors === undefined ? {} : { Cors: url.Cors }),
    CreationTime: new Date(url.createdAt).toISOString(),
    LastModifiedTime: new Date(url.modifiedAt).toISOString(),
  });
  return [
    operation({
      name: 'CreateFunctionUrlConfig',
      method: 'POST',
      path: PATH,
      query: ['Qualifier'],
      access: 'deploy',
      input: Type.Object({
        ...PLACE,
        AuthType: AUTH_TYPE,
        Cors: Type.Optional(CORS),
        InvokeMode: Type.Optional(INVOKE_MODE),
      }),
      run: async ({ input, principal }) => {
        const { FunctionName, Qualifier, AuthType, InvokeMode = 'BUFFERED', Cors } = input;
        return await changeAt(parts, FunctionName, Qualifier, principal, async (place) => {
          const { function: fn, qualifier } = place;
          if ((await urls.at(fn, qualifier)) !== null) {
            const message = `Failed to create function url config for [functionArn = ${place.arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`;
            throw new AwsError('ResourceConflictException', 409, message);
          }
          const settings = { AuthType, InvokeMode, ...(Cors === undefined ? {} : { Cors }) };
          return answer(201, viewOf(await urls.create(fn, qualifier, settings, clock.wall())));
        });
      },
    }),
    operation({
      name: 'GetFunctionUrlConfig',
      method: 'GET',
      path: PATH,
      query: ['Qualifier'],
      access: 'read',
      input: Type.Object(PLACE),
      run: async ({ input, principal }) => {
        const place = await placeToRead(parts, input.FunctionName, input.Qualifier, principal);
        return answer(200, viewOf(await existing(place)));
      },
    }),
    operation({
      name: 'UpdateFunctionUrlConfig',
      method: 'PUT',
      path: PATH,
      query: ['Qualifier'],
      access: 'deploy',
      input: Type.Object({
        ...PLACE,
        AuthType: Type.Optional(AUTH_TYPE),
        Cors: Type.Optional(CORS),
        InvokeMode: Type.Optional(INVOKE_MODE),
      }),
      run: async ({ input, principal }) => {
        const { FunctionName, Qualifier, AuthType, InvokeMode, Cors } = input;
        return await changeAt(parts, FunctionName, Qualifier, principal, async (place) => {
          const before = await existing(place);
          const { Cors: corsBefore, ...kept } = before;
          const cors = Cors ?? corsBefore;
          const url = {
            ...kept,
            AuthType: AuthType ?? before.AuthType,
            InvokeMode: InvokeMode ?? before.InvokeMode,
            // An empty one takes the rules away.
            ...(cors === undefined || Object.keys(cors).length === 0 ? {} : { Cors: cors }),
            modifiedAt: clock.wall(),
          };
          return answer(200, viewOf(await urls.save(url)));
        });
      },
    }),
    operation({
      name: 'DeleteFunctionUrlConfig',
      method: 'DELETE',
      path: PATH,
      query: ['Qualifier'],
      access: 'deploy',
      input: Type.Object(PLACE),
      run: async ({ input, principal }) =>
        await changeAt(parts, input.FunctionName, input.Qualifier, principal, async (place) => {
          await urls.remove(await existing(place));
          return answer(204, null);
        }),
    }),
    operation({
      name: 'ListFunctionUrlConfigs',
      method: 'GET',
      path: `${PATH}s`,
      query: PAGE_QUERY,
      access: 'read',
      input: Type.Object({ FunctionName: FUNCTION_NAME, ...PAGE_MEMBERS }),
      run: async ({ input, principal }) => {
        const { function: fn } = await placeToRead(parts, input.FunctionName, undefined, principal);
        const page = pageOf(await urls.of(fn), ({ qualifier }) => qualifier, input);
        return answer(200, { FunctionUrlConfigs: page.items.map(viewOf), ...page.next });
      },
    }),
  ];
}
