import Type, { type Static } from 'typebox';

/** `GET /v1/credentials`: what AWS's tools are configured with to reach the edge port as the owner of the token. */
export const CredentialsSchema = Type.Object({
  accessKeyId: Type.String(),
  secretAccessKey: Type.String(),
  region: Type.String(),
  endpointUrl: Type.String(),
  role: Type.String({ description: 'of the token: it bounds what the key is good for' }),
});

export type Credentials = Static<typeof CredentialsSchema>;
