import { type Answer, sendAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { contextLog } from '../call-context.ts';
import { type Dialect, type Handler, HandlerUnusable, type SiblingExports } from '../dialect.ts';
import type { InstanceInfo } from '../instance-info.ts';
import type { Responder } from '../responder.ts';
import { errorAnswer, resultAnswer } from './knative/answer.ts';
import type { CloudEvent } from './knative/cloud-event.ts';
import type { KnativeContext } from './knative/context.ts';
import { corsHeaders } from './knative/cors.ts';
import { readInput } from './knative/input.ts';

/** What a project exports: the function alone or with what is around it. */
interface KnativeFunction {
  readonly handle: (context: KnativeContext, input: unknown) => unknown;
  readonly init?: unknown;
  readonly shutdown?: unknown;
  readonly cors?: unknown;
  readonly liveness?: unknown;
  readonly readiness?: unknown;
}

/** `this` of a function, as Knative's runtime has it. */
const SCOPE = Object.freeze({});

/**
 * Knative's Node.js functions: `handle(context, body)`, for CloudEvents `handle(context, event)`, alone or with `init`,
 * `shutdown`, `cors`, `liveness` and `readiness`. An event other than HTTP arrives as a CloudEvent, a plain invocation as a
 * POST of its data. Behaviour follows the documentation and sources of faas-js-runtime, except that what is logged is never
 * hidden by a level.
 */
export const knative: Dialect = {
  async bind(exported: unknown, instance: InstanceInfo, sibling: SiblingExports): Promise<Handler> {
    const project = projectOf(exported, sibling);
    if (typeof project?.handle !== 'function') {
      throw new HandlerUnusable(`${instance.handler.file} must export a handle function.`);
    }
    if (typeof project.init === 'function') await project.init();
    return new KnativeHandler(project);
  },
};

function projectOf(exported: unknown, sibling: SiblingExports): KnativeFunction | null {
  if (typeof exported === 'object') return exported as KnativeFunction | null;
  return {
    handle: exported as KnativeFunction['handle'],
    init: sibling('init'),
    shutdown: sibling('shutdown'),
    cors: sibling('cors'),
    liveness: sibling('liveness'),
    readiness: sibling('readiness'),
  };
}

class KnativeHandler implements Handler {
  readonly #project: KnativeFunction;
  readonly #probes: Readonly<Record<string, () => unknown>>;

  constructor(project: KnativeFunction) {
    this.#project = project;
    this.#probes = {
      ...probe(project.liveness, process.env.LIVENESS_URL ?? '/health/liveness'),
      ...probe(project.readiness, process.env.READINESS_URL ?? '/health/readiness'),
    };
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    if (call.message.http?.method === 'OPTIONS') {
      respond.whole(204, ['access-control-allow-headers', '*', ...corsHeaders(null, undefined)], null);
      return;
    }
    const input = await readInput(call, respond);
    if (input === null) return;
    const { context, path } = input;
    if (call.message.http !== undefined && Object.hasOwn(this.#probes, path)) {
      respond.whole(
        200,
        ['content-type', 'text/plain; charset=utf-8'],
        String(this.#probes[path]!() ?? 'OK'),
      );
      return;
    }
    const answer = await this.#answer(context, context.cloudevent ?? context.body, call);
    sendAnswer(answer, call, respond);
  }

  async shutdown(): Promise<void> {
    if (typeof this.#project.shutdown === 'function') await this.#project.shutdown();
  }

  async #answer(context: KnativeContext, input: CloudEvent | unknown, call: Call): Promise<Answer> {
    const isEvent = call.message.http === undefined;
    const cors = isEvent ? [] : corsHeaders(this.#project.cors, context.headers.origin);
    let result: unknown;
    try {
      result = await Reflect.apply(this.#project.handle, SCOPE, [context, input]);
    } catch (thrown) {
      const answer = errorAnswer(thrown, cors);
      if (answer === null) throw thrown;
      contextLog().error(thrown);
      return answer;
    }
    return resultAnswer(result, cors, isEvent);
  }
}

/** A health check at its path, which it may name itself. */
function probe(check: unknown, path: string): Record<string, () => unknown> {
  if (typeof check !== 'function') return {};
  return { [String((check as { path?: unknown }).path ?? path)]: check as () => unknown };
}
