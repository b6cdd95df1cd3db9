import type { ServerResponse } from 'node:http';

/** A request that the Runtime API, the Extensions API or the Telemetry API refuses, as AWS does. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export const invalidRequestId = (): ApiError => new ApiError(400, 'InvalidRequestID', 'Invalid request ID');

/** What the caller did is not allowed in the state that it is in. */
export const invalidState = (who: string, from: string, to: string): ApiError =>
  new ApiError(
    403,
    'InvalidStateTransition',
    `State transition from ${from} to ${to} is not allowed for ${who}.`,
  );

export function answerJson(res: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
}

export const accept = (res: ServerResponse): void => answerJson(res, 202, { status: 'OK' });

export function refuse(res: ServerResponse, { status, type, message }: ApiError): void {
  if (!res.headersSent) answerJson(res, status, { errorMessage: message, errorType: type });
}
