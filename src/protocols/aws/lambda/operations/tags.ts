import Type from 'typebox';
import type { Principal } from '../../../../controlplane/tokens/tokens.ts';
import { invalidParameter, notFound } from '../../aws-error.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { readFunctionName } from '../names.ts';
import { changeAt, placeToRead } from '../setting-place.ts';
import { checkTags, TAGS_KIND, type Tags } from '../tags.ts';

const PATH = '/2017-03-31/tags/{Resource}';
const RESOURCE = Type.String({
  minLength: 1,
  maxLength: 256,
  pattern:
    '^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\\d{12}:(function|event-source-mapping|code-signing-config):[a-zA-Z0-9-_:$]+$',
});
const MAPPING = /^arn:[^:]+:lambda:[^:]+:\d{12}:event-source-mapping:(.+)$/;

/** Words that operators put on functions and mappings. */
export function tagOperations(parts: LambdaParts): Operation[] {
  return [
    operation({
      name: 'TagResource',
      method: 'POST',
      path: PATH,
      access: 'deploy',
      input: Type.Object({ Resource: RESOURCE, Tags: Type.Record(Type.String(), Type.String()) }),
      run: async ({ input, principal }) => {
        await change(parts, input.Resource, principal, (before) => ({ ...before, ...input.Tags }));
        return answer(204, null);
      },
    }),
    operation({
      name: 'UntagResource',
      method: 'DELETE',
      path: PATH,
      query: ['tagKeys'],
      access: 'deploy',
      input: Type.Object({ Resource: RESOURCE, tagKeys: Type.Array(Type.String(), { minItems: 1 }) }),
      run: async ({ input, principal }) => {
        const kept = (before: Tags): Tags =>
          Object.fromEntries(Object.entries(before).filter(([key]) => !input.tagKeys.includes(key)));
        await change(parts, input.Resource, principal, kept);
        return answer(204, null);
      },
    }),
    operation({
      name: 'ListTags',
      method: 'GET',
      path: PATH,
      access: 'read',
      input: Type.Object({ Resource: RESOURCE }),
      run: async ({ input, principal }) =>
        answer(200, { Tags: await tagsOf(parts, input.Resource, principal) }),
    }),
  ];
}

/** @throws AwsError ResourceNotFoundException, InvalidParameterValueException */
async function tagsOf(parts: LambdaParts, resource: string, principal: Principal): Promise<Tags> {
  const { store, catalog } = parts;
  const id = MAPPING.exec(resource)?.[1];
  if (id !== undefined) {
    const mapping = await store.getEventSource(id);
    if (mapping === null) throw missing(resource);
    await catalog.find(mapping.function, undefined, principal);
    return (mapping.value.Tags ?? {}) as Tags;
  }
  const { function: fn } = await placeToRead(parts, functionIn(resource), undefined, principal);
  return ((await store.getSetting(fn, '', TAGS_KIND))?.value ?? {}) as Tags;
}

async function change(
  parts: LambdaParts,
  resource: string,
  principal: Principal,
  changed: (before: Tags) => Tags,
): Promise<void> {
  const { store, clock } = parts;
  const id = MAPPING.exec(resource)?.[1];
  const fn = id === undefined ? functionIn(resource) : (await store.getEventSource(id))?.function;
  if (fn === undefined) throw missing(resource);
  await changeAt(parts, fn, undefined, principal, async (place) => {
    const tags = changed(await tagsOf(parts, resource, principal));
    checkTags(tags);
    const mapping = id === undefined ? null : await store.getEventSource(id);
    if (mapping !== null)
      await store.saveEventSource({ ...mapping, value: { ...mapping.value, Tags: tags } });
    else {
      const setting = { function: place.function, qualifier: '', kind: TAGS_KIND, value: tags };
      await store.saveSetting({ ...setting, modifiedAt: clock.wall() });
    }
  });
}

/** @throws AwsError for what has no tags */
function functionIn(resource: string): string {
  if (!resource.includes(':function:')) throw missing(resource);
  if (readFunctionName(resource).qualifier !== null)
    throw invalidParameter(
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    );
  return resource;
}

function missing(resource: string): Error {
  return notFound(`The resource you requested does not exist: ${resource}`);
}
