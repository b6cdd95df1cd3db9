import Type from 'typebox';
import { KeyedLock } from '../../../../kit/keyed-lock.ts';
import { notFound } from '../../aws-error.ts';
import { answer, type Operation, operation } from '../../rest/operation.ts';
import { mayUseNode } from '../access.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import {
  documentOf,
  type PolicyStatement,
  policyOf,
  policyText,
  principalOf,
  withoutStatement,
  withStatement,
} from '../resource-policy.ts';
import { LAYER, LAYER_PATHS, LAYER_VERSION } from './layers.ts';

const PATH = `${LAYER_PATHS.version}/policy`;
const STATEMENT_ID = Type.String({ minLength: 1, maxLength: 100, pattern: '^[a-zA-Z0-9-_]+$' });
const REVISION = Type.Optional(Type.String());

/** Who may use a version of a layer. Kept and answered: all functions of a node are of one account, which may anyhow. */
export function layerPermissionOperations({ layers, store, arns }: LambdaParts): Operation[] {
  const lock = new KeyedLock();
  return [
    operation({
      name: 'AddLayerVersionPermission',
      method: 'POST',
      path: PATH,
      query: ['RevisionId'],
      access: 'deploy',
      input: Type.Object({
        LayerName: LAYER,
        VersionNumber: LAYER_VERSION,
        StatementId: STATEMENT_ID,
        Action: Type.String({ pattern: '^lambda:GetLayerVersion$' }),
        Principal: Type.String({ pattern: '^(\\d{12}|\\*|arn:aws[a-zA-Z-]*:iam::\\d{12}:root)$' }),
        OrganizationId: Type.Optional(Type.String({ pattern: '^o-[a-z0-9]{10,32}$' })),
        RevisionId: REVISION,
      }),
      run: async ({ input, principal }) => {
        mayUseNode(principal, `layer ${input.LayerName}`);
        return await lock.run(layers.nameOf(input.LayerName), async () => {
          const { layer, version, policy } = await layers.find(input.LayerName, input.VersionNumber);
          const { OrganizationId } = input;
          const statement: PolicyStatement = {
            Sid: input.StatementId,
            Effect: 'Allow',
            Principal: principalOf(input.Principal),
            Action: input.Action,
            Resource: arns.layer(layer, version),
            ...(OrganizationId === undefined
              ? {}
              : { Condition: { StringEquals: { 'aws:PrincipalOrgID': OrganizationId } } }),
          };
          const changed = withStatement(policyOf(policy), statement, input.RevisionId);
          await store.setLayerPolicy(layer, version, documentOf(changed));
          return answer(201, { Statement: JSON.stringify(statement), RevisionId: changed.revision });
        });
      },
    }),
    operation({
      name: 'GetLayerVersionPolicy',
      method: 'GET',
      path: PATH,
      access: 'read',
      input: Type.Object({ LayerName: LAYER, VersionNumber: LAYER_VERSION }),
      run: async ({ input }) => {
        const policy = policyOf((await layers.find(input.LayerName, input.VersionNumber)).policy);
        if (policy === null) throw notFound('No policy is associated with the given resource.');
        return answer(200, { Policy: policyText(policy), RevisionId: policy.revision });
      },
    }),
    operation({
      name: 'RemoveLayerVersionPermission',
      method: 'DELETE',
      path: `${PATH}/{StatementId}`,
      query: ['RevisionId'],
      access: 'deploy',
      input: Type.Object({
        LayerName: LAYER,
        VersionNumber: LAYER_VERSION,
        StatementId: STATEMENT_ID,
        RevisionId: REVISION,
      }),
      run: async ({ input, principal }) => {
        mayUseNode(principal, `layer ${input.LayerName}`);
        return await lock.run(layers.nameOf(input.LayerName), async () => {
          const { layer, version, policy } = await layers.find(input.LayerName, input.VersionNumber);
          const changed = withoutStatement(policyOf(policy), input.StatementId, input.RevisionId);
          await store.setLayerPolicy(layer, version, changed === null ? null : documentOf(changed));
          return answer(204, null);
        });
      },
    }),
  ];
}
