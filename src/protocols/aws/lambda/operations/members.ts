import Type from 'typebox';
import type { Principal } from '../../../../controlplane/tokens/tokens.ts';
import type { LambdaCode } from '../../../../ports/lambda-store.ts';
import { invalidParameter } from '../../aws-error.ts';
import type { OperationCall } from '../../rest/operation.ts';
import type { LambdaQuotas } from '../code-packages.ts';
import type { LambdaParts } from '../lambda-deps.ts';
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
  readonly ImageUri?: string;
}

/** Code that is an image, or an archive in the request. @throws AwsError InvalidParameterValueException */
export async function takeCode(
  { packages, images }: Pick<LambdaParts, 'packages' | 'images'>,
  source: CodeSource,
  carved: OperationCall<unknown>['carved'],
  principal: Principal,
): Promise<LambdaCode> {
  return source.ImageUri === undefined
    ? await packages.take(carved)
    : images.find(source.ImageUri, principal);
}

/** @throws AwsError InvalidParameterValueException for code that is of the other kind, or not in the request */
export function checkSource(source: CodeSource, isImage: boolean): void {
  if (!isImage && source.ImageUri !== undefined)
    throw invalidParameter("Please don't provide ImageUri when the function's packageType is Zip.");
  if (!isImage) refuseStoredCode(source);
  else if (source.ImageUri === undefined || source.ZipFile !== undefined || source.S3Bucket !== undefined)
    throw invalidParameter(
      'Please provide ImageUri, and nothing else, for a function with packageType Image.',
    );
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
