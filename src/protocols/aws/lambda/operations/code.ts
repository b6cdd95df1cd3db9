import Type from 'typebox';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import { checkRevision } from '../function-changes.ts';
import { settingsOf } from '../function-settings.ts';
import { viewOf } from '../function-view.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { CODE_MEMBERS, checkSource, FUNCTION_NAME, requestBytesMax, takeCode } from './members.ts';

/** Sending code, and publishing it. */
export function codeOperations(parts: LambdaParts): Operation[] {
  const { catalog, changes, arns, quotas } = parts;
  return [
    operation({
      name: 'UpdateFunctionCode',
      method: 'PUT',
      path: '/2015-03-31/functions/{FunctionName}/code',
      access: 'deploy',
      bodyBytesMax: requestBytesMax(quotas),
      carved: ['ZipFile'],
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        ...CODE_MEMBERS,
        Architectures: Type.Optional(
          Type.Array(Type.Enum(['x86_64', 'arm64']), { minItems: 1, maxItems: 1 }),
        ),
        Publish: Type.Optional(Type.Boolean()),
        DryRun: Type.Optional(Type.Boolean()),
        RevisionId: Type.Optional(Type.String()),
      }),
      run: async ({ input, carved, principal }) => {
        const { fn } = await catalog.findOwn(input.FunctionName, undefined, principal);
        const { latest: before } = await changes.latestOf(fn.name);
        checkSource(input, before.code.image !== undefined);
        // Said before the archive is unpacked, and again when it is.
        checkRevision(before.revision, input.RevisionId);
        const code = await takeCode(parts, input, carved, principal);
        const [record, qualifier] = await changes.exclusively(fn.name, async () => {
          const { latest } = await changes.latestOf(fn.name);
          if (input.DryRun === true) return [{ ...latest, code }, null] as const;
          const settings = { ...settingsOf(latest) };
          if (input.Architectures !== undefined)
            Object.assign(settings, { Architectures: input.Architectures });
          const { Publish: publish = false, RevisionId: revision } = input;
          const changed = await changes.change(
            fn.name,
            { code, settings, revision, publish },
            principal.name,
          );
          return [changed, publish ? String(changed.version) : null] as const;
        });
        return answer(200, viewOf(record, arns, qualifier));
      },
    }),
    operation({
      name: 'PublishVersion',
      method: 'POST',
      path: '/2015-03-31/functions/{FunctionName}/versions',
      access: 'deploy',
      input: Type.Object({
        FunctionName: FUNCTION_NAME,
        CodeSha256: Type.Optional(Type.String()),
        Description: Type.Optional(Type.String({ maxLength: 256 })),
        RevisionId: Type.Optional(Type.String()),
      }),
      run: async ({ input, principal }) => {
        const { fn } = await catalog.findOwn(input.FunctionName, undefined, principal);
        const { CodeSha256: codeSha256, Description: description, RevisionId: revision } = input;
        const given = { codeSha256, description, revision };
        const version = await changes.exclusively(fn.name, () =>
          changes.publish(fn.name, given, principal.name),
        );
        return answer(201, viewOf(version, arns, String(version.version)));
      },
    }),
  ];
}
