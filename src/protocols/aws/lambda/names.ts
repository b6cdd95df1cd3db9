import { AwsError, invalidParameter } from '../aws-error.ts';

/** The one account that a node is. */
export const ACCOUNT_ID = '000000000000';
export const LATEST = '$LATEST';

/** What a caller says a function is, taken apart. */
export interface FunctionReference {
  readonly name: string;
  /** A version, an alias or `$LATEST`; null: none was said. */
  readonly qualifier: string | null;
}

/** Of the input of operations: a name, `ACCOUNT:function:NAME` or an ARN, each with or without `:QUALIFIER`. */
export const FUNCTION_NAME_PATTERN =
  '^(arn:[a-z0-9-]+:lambda:[a-z0-9-]+:\\d{12}:function:|\\d{12}:function:)?[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?$';
export const QUALIFIER_PATTERN = '^(\\$LATEST|[a-zA-Z0-9-_]+)$';

/**
 * Takes a function's name apart; `qualifier` is the one that came beside it.
 * @throws AwsError InvalidParameterValueException when both say something and not the same
 */
export function readFunctionName(text: string, qualifier?: string): FunctionReference {
  const parts = text.split(':');
  const isArn = parts[0] === 'arn';
  const account = isArn ? parts[4] : parts[1] === 'function' ? parts[0] : undefined;
  if (account !== undefined && account !== ACCOUNT_ID) {
    throw new AwsError('AccessDeniedException', 403, `The function ${text} is of another account.`);
  }
  const [name, within = null] = parts.slice(isArn ? 6 : account === undefined ? 0 : 2) as [string, string?];
  if (within !== null && qualifier !== undefined && within !== qualifier) {
    throw invalidParameter(
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  }
  return { name, qualifier: qualifier ?? within };
}

/** Makes names of this node's region. */
export class Arns {
  readonly region: string;

  constructor(region: string) {
    this.region = region;
  }

  function(name: string, qualifier: string | null = null): string {
    const arn = `arn:aws:lambda:${this.region}:${ACCOUNT_ID}:function:${name}`;
    return qualifier === null ? arn : `${arn}:${qualifier}`;
  }

  eventSource(id: string): string {
    return `arn:aws:lambda:${this.region}:${ACCOUNT_ID}:event-source-mapping:${id}`;
  }

  layer(name: string, version: number | null = null): string {
    const arn = `arn:aws:lambda:${this.region}:${ACCOUNT_ID}:layer:${name}`;
    return version === null ? arn : `${arn}:${version}`;
  }
}
