import { type Answer, jsonAnswer, statusFrom } from '../../answer.ts';
import { addDefaultHeader, headerList } from '../../header-fields.ts';
import { InvalidResponse } from '../../invalid-response.ts';

/** What API Gateway's integration response consists of. */
interface IntegrationResponse {
  readonly statusCode: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/** The answer to an HTTP call: an integration response; text as it is; any other value as JSON. */
export function gatewayAnswer(result: unknown): Answer {
  if (isIntegrationResponse(result)) return integrationAnswer(result);
  if (typeof result !== 'string') return jsonAnswer(result);
  return { status: 200, headers: ['content-type', 'text/plain; charset=utf-8'], body: result };
}

function isIntegrationResponse(result: unknown): result is IntegrationResponse {
  return (
    typeof result === 'object' && result !== null && (result as IntegrationResponse).statusCode !== undefined
  );
}

function integrationAnswer({
  statusCode,
  headers: given,
  body,
  isBase64Encoded,
}: IntegrationResponse): Answer {
  if (body !== undefined && body !== null && typeof body !== 'string') {
    throw new InvalidResponse(
      `The body of an integration response must be a string (JSON.stringify it), not a ${typeof body}.`,
    );
  }
  const headers = headerList(given);
  const text = body ?? '';
  if (text !== '') addDefaultHeader(headers, 'content-type', 'application/json');
  return {
    status: statusFrom(statusCode, 200),
    headers,
    body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text,
  };
}
