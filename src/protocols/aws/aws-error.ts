import { MayflyError } from '../../domain/errors.ts';

/** Who has to act: AWS's JSON errors call the caller `User` and the platform `Service`. */
type Fault = 'User' | 'Service';

/**
 * A failure as AWS's REST-JSON APIs tell it: the header `x-amzn-errortype` names it, the body is `{Type, message}` and what
 * `fields` adds. SDKs make their exception classes of the name.
 */
export class AwsError extends Error {
  /** `ResourceNotFoundException`. */
  readonly type: string;
  readonly status: number;
  readonly fault: Fault;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(type: string, status: number, message: string, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = type;
    this.type = type;
    this.status = status;
    this.fault = status >= 500 ? 'Service' : 'User';
    this.fields = fields;
  }
}

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', 400, message);

export const notFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', 404, message);

export const conflict = (message: string): AwsError =>
  new AwsError('ResourceConflictException', 409, message);

export const accessDenied = (message: string): AwsError =>
  new AwsError('AccessDeniedException', 403, message);

/**
 * Somebody may not use a resource. Who throws it need not know what was to be done; who does know says it by `toPerform`. `why` is told
 * the action (`lambda:InvokeFunction`).
 */
export class NotAuthorized extends AwsError {
  readonly #user: string;
  readonly #resource: string;
  readonly #why: (action: string) => string;

  constructor(user: string, resource: string, why: (action: string) => string) {
    const message = `User: ${user} is not authorized on resource: ${resource}`;
    super('AccessDeniedException', 403, message);
    this.#user = user;
    this.#resource = resource;
    this.#why = why;
  }

  toPerform(action: string): AwsError {
    return accessDenied(
      `User: ${this.#user} is not authorized to perform: ${action} on resource: ${this.#resource} because ${this.#why(action)}`,
    );
  }
}
/** No more calls may run at a time. */
export const tooManyRequests = (): AwsError =>
  new AwsError('TooManyRequestsException', 429, 'Rate Exceeded.', {
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    retryAfterSeconds: '1',
  });

/** A failure of Mayfly's own parts in AWS's words; null: it is a defect of the platform, and told as one. */
export function awsErrorOf(thrown: unknown): AwsError | null {
  if (thrown instanceof AwsError) return thrown;
  if (!(thrown instanceof MayflyError)) return null;
  const { message } = thrown;
  switch (thrown.code) {
    case 'QUEUE_FULL':
    case 'QUEUE_TIMEOUT':
      return tooManyRequests();
    case 'VALIDATION_FAILED':
    case 'BAD_REQUEST':
      return invalidParameter(message);
    case 'NOT_FOUND':
    case 'APP_NOT_FOUND':
    case 'RELEASE_NOT_FOUND':
      return notFound(message);
    case 'CONFLICT':
    case 'ALREADY_LIVE':
    case 'CANARY_ACTIVE':
      return conflict(message);
    case 'FORBIDDEN':
      return accessDenied(message);
    case 'BODY_TOO_LARGE':
      return new AwsError('RequestTooLargeException', 413, message);
    case 'REQUEST_TIMEOUT':
      return new AwsError('RequestTimeoutException', 408, message);
    case 'STORAGE_FULL':
      return new AwsError('CodeStorageExceededException', 400, 'Code storage limit exceeded.');
    case 'SHUTTING_DOWN':
    case 'SANDBOX_FAILED':
      return new AwsError('ServiceException', 503, message);
    default:
      return null;
  }
}
