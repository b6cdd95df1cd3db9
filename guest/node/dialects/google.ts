import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { expressClasses } from '../express/exchange.ts';
import { provideModule } from '../host-modules.ts';
import type { InstanceInfo } from '../instance-info.ts';
import { setVariables } from './google/environment.ts';
import { eventFunction } from './google/event-function.ts';
import { httpFunction } from './google/http-function.ts';
import {
  functionsFramework,
  type GoogleFunction,
  type GoogleRegistration,
  registered,
  type SignatureType,
} from './google/registry.ts';

const SIGNATURES: readonly string[] = ['http', 'event', 'cloudevent'];

/**
 * Google Cloud Functions and the Functions Framework: functions registered with `functions.http` or `functions.cloudEvent`,
 * or exported, with FUNCTION_SIGNATURE_TYPE saying whether an export takes `(req, res)`, a CloudEvent or `(data, context)`.
 * `handler.export` is the function's target. Behaviour follows the published framework and its conformance tests.
 */
export const google: Dialect = {
  prepare(instance: InstanceInfo): void {
    setVariables(instance);
    provideModule('@google-cloud/functions-framework', functionsFramework);
  },
  bind(exported: unknown, instance: InstanceInfo): Handler {
    const registration = registrationOf(exported, instance);
    expressClasses();
    return registration.type === 'http' ? httpFunction(registration.handle) : eventFunction(registration);
  },
};

function registrationOf(exported: unknown, { handler }: InstanceInfo): GoogleRegistration {
  const own = registered[handler.export];
  if (own !== undefined) return own;
  if (typeof exported === 'function') {
    const type = process.env.FUNCTION_SIGNATURE_TYPE ?? 'http';
    if (!SIGNATURES.includes(type)) {
      throw new HandlerUnusable(`Function signature type must be one of: ${SIGNATURES.join(', ')}.`);
    }
    return { type: type as SignatureType, handle: exported as GoogleFunction };
  }
  const names = Object.keys(registered);
  if (names.length === 1 && handler.export === 'default') return registered[names[0]!]!;
  const there = names.length === 0 ? 'it registers none' : `it registers ${names.join(', ')}`;
  throw new HandlerUnusable(
    `Function '${handler.export}' is neither registered nor exported by ${handler.file}: ${there}.`,
  );
}
