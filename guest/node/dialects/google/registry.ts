export type SignatureType = 'http' | 'cloudevent' | 'event';

// biome-ignore lint/suspicious/noExplicitAny: what it takes depends on the signature's type.
export type GoogleFunction = (...given: any[]) => unknown;

export interface GoogleRegistration {
  readonly type: SignatureType;
  readonly handle: GoogleFunction;
}

const NAME = /^[A-Za-z](?:[-_A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;

/** The functions that the author's code has registered. */
export const registered: Record<string, GoogleRegistration> = Object.create(null);

/** What `@google-cloud/functions-framework` exports. */
export const functionsFramework = {
  http: (name: string, handle: GoogleFunction) => register(name, { type: 'http', handle }),
  cloudEvent: (name: string, handle: GoogleFunction) => register(name, { type: 'cloudevent', handle }),
} as const;

function register(name: string, registration: GoogleRegistration): void {
  if (!NAME.test(name)) throw new Error(`Invalid function name: ${name}`);
  registered[name] = registration;
}
