import type { Call } from '../../call.ts';
import type { Handler } from '../../dialect.ts';
import { requestOf } from '../../event-request.ts';
import { describeThrown } from '../../failure.ts';
import { EventAnswer } from '../../node-http/event-answer.ts';
import type { Responder } from '../../responder.ts';
import { sendJson } from '../../result.ts';
import { web } from '../../web.ts';
import { isAllowed } from './function-keys.ts';
import { invokeHooked, runAppHooks } from './hooks.ts';
import { azureRequest, routeParams } from './http-request.ts';
import { sendHttp } from './http-response.ts';
import { InvocationContext, writeLog } from './invocation-context.ts';
import type { AzureRegistration } from './registry.ts';
import { type TriggerInput, triggerInputs } from './trigger-input.ts';

/** A function of the v4 programming model: `app.http('name', {handler: async (request, context) => …})`, `app.timer` … */
export async function v4Function(registration: AzureRegistration): Promise<Handler> {
  const isHttp = registration.trigger.type.toLowerCase() === 'httptrigger';
  if (isHttp) web();
  warnOfBindings(registration);
  await runAppHooks('appStart');
  return {
    serve: isHttp
      ? (call, respond) => serveHttp(registration, call, respond)
      : (call, respond) => serveEvent(registration, call, respond),
    shutdown: () => runAppHooks('appTerminate'),
  };
}

async function serveHttp(registration: AzureRegistration, call: Call, respond: Responder): Promise<void> {
  const { trigger, handle } = registration;
  const http = requestOf(call.message);
  if (http.method === 'TRACE' || http.method === 'CONNECT') return respond.whole(405, [], null);
  if (call.message.http !== undefined && !isAllowed(trigger.authLevel, http))
    return respond.whole(401, [], null);
  const answer = call.message.http === undefined ? new EventAnswer() : respond;
  const request = azureRequest(http, call, routeParams(http.params, trigger.route));
  const context = contextOf(registration, call, undefined, 1);
  await sendHttp(await invokeHooked(handle, [request], context), call, answer);
  if (answer instanceof EventAnswer) answer.giveTo(respond);
}

/** A batch of messages is told which of them have to be delivered again; anything else is the handler's result. */
async function serveEvent(registration: AzureRegistration, call: Call, respond: Responder): Promise<void> {
  const { trigger, handle } = registration;
  if (call.message.http !== undefined) return respond.whole(404, [], null);
  const runs = await triggerInputs(trigger, call);
  const run = ({ input, metadata, attempts }: TriggerInput): Promise<unknown> =>
    invokeHooked(handle, [input], contextOf(registration, call, metadata, attempts));
  if (call.message.event?.type !== 'mayfly.queue') {
    sendJson(await run(runs[0]!), respond);
    return;
  }
  if (runs.length === 1) {
    await run(runs[0]!);
    sendJson({ retry: [] }, respond);
    return;
  }
  const retry: { readonly id: string }[] = [];
  for (const message of runs) {
    try {
      await run(message);
    } catch (thrown) {
      writeLog('error', null, [describeThrown(thrown).stack]);
      retry[retry.length] = { id: message.messageId! };
    }
  }
  sendJson({ retry }, respond);
}

function contextOf(
  { name, trigger, return: result, extraInputs, extraOutputs }: AzureRegistration,
  call: Call,
  triggerMetadata: Readonly<Record<string, unknown>> | undefined,
  attempts: number,
): InvocationContext {
  return new InvocationContext({
    invocationId: call.message.id,
    functionName: name,
    triggerMetadata,
    traceContext: { traceParent: call.message.traceparent, traceState: '', attributes: {} },
    retryContext: attempts > 1 ? { retryCount: attempts - 1, maxRetryCount: -1 } : undefined,
    options: { trigger, return: result, extraInputs, extraOutputs },
  });
}

/** Said once, when the function is loaded: what it reads would be undefined, what it writes would go nowhere. */
function warnOfBindings({ name, extraInputs, extraOutputs, return: result }: AzureRegistration): void {
  for (const { type } of extraInputs) {
    writeLog('warning', null, [
      `The function "${name}" has an input of type "${type}", which is not provided.`,
    ]);
  }
  for (const { type } of result === undefined ? extraOutputs : [...extraOutputs, result]) {
    if (type !== 'http') {
      writeLog('warning', null, [
        `The function "${name}" has an output of type "${type}", which goes nowhere.`,
      ]);
    }
  }
}
