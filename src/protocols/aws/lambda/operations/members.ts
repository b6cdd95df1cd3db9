import Type from 'typebox';
import { invalidParameter } from '../../aws-error.ts';
import type { LambdaQuotas } from '../code-packages.ts';
import { FUNCTION_NAME_PATTERN, QUALIFIER_PATTERN } from '../names.ts';

export const FUNCTION_NAME = Type.String({ minLength: 1, maxLength: 170, pattern: FUNCTION_NAME_PATTERN });
export const QUALIFIER = Type.Optional(
  Type.String({ minLength: 1, maxLength: 128, pattern: QUALIFIER_PATTERN }),
);

/** Where code comes from. */
export const CODE_MEMBERS = {
  ZipFile: Type.Optional(Type.String()),
  S3Bucket: Type.Optional(Type.String()),
  S3Key: Type.Optional(Type.String()),
  S3ObjectVersion: Type.Optional(Type.String()),
  ImageUri: Type.Optional(Type.String()),
};

interface CodeSource {
  readonly ZipFile?: string;
  readonly S3Bucket?: string;
}

/** @throws AwsError InvalidParameterValueException for code that is not in the request */
export function refuseStoredCode({ S3Bucket, ZipFile }: CodeSource): void {
  if (S3Bucket !== undefined)
    throw invalidParameter('This node has no object store yet: send the archive itself, as ZipFile.');
  if (ZipFile === undefined) throw invalidParameter('Please provide a source for function code.');
}

/** A JSON body with an archive in base64, and little else. */
export function requestBytesMax({ lambdaZipBytesMax }: LambdaQuotas): number {
  return Math.ceil((lambdaZipBytesMax * 4) / 3) + 256 * 1024;
}
