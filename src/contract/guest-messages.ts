/** The JSON messages inside the guest protocol's frames (see `frames.ts`). */

/** The descriptor of the protocol socket inside the instance. */
export const GUEST_FD = 3;

/** guest → platform, when the guest has loaded. */
export interface BootedMessage {
  readonly protocol: 1;
  /** `nodejs24` … */
  readonly runtime: string;
  readonly pid: number;
}

/** platform → guest: become this function version. Accepted once a life. */
export interface SpecialiseMessage {
  /** Folder with the code, as the instance sees it: `/var/task`. */
  readonly codeDir: string;
  readonly handler: { readonly file: string; readonly export: string };
  /** For programs: what starts it, in place of the handler's file. */
  readonly command?: readonly string[];
  readonly dialect: string;
  readonly env: Readonly<Record<string, string>>;
  readonly app: string;
  readonly environment: string;
  readonly function: string;
  readonly version: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Calls that may run at a time. */
  readonly perInstance: number;
  readonly own: OwnAddress;
  /** Folder with the compile cache that an earlier instance of this version made, or null. */
  readonly compileCacheDir: string | null;
  /** Make one and send it (CACHE) before SPECIALISED, unless there is one in `compileCacheDir` that fits. */
  readonly makeCompileCache: boolean;
}

/** How a function reaches its own app and environment. Requests to it, and no others, may carry the call's pin. */
export interface OwnAddress {
  /** Base URL without a slash at its end, which the function sees as `MAYFLY_APP_URL`: `http://127.0.0.1:8080/@shop`. */
  readonly url: string;
  /** `APP` or `APP--ENV`: `/@NAME` at each of `gateways` is the app. */
  readonly name: string;
  /** Origins (`http://127.0.0.1:8080`, lower case, default ports left out) at which the gateway answers. */
  readonly gateways: readonly string[];
  /** Origins that are the app's alone: `http://shop.localhost:8080`. */
  readonly hosts: readonly string[];
}

/** guest → platform: the handler is loaded. */
export interface SpecialisedMessage {
  /** Loading took this long, as the guest saw it, ms. */
  readonly initMs: number;
}

/** platform → guest: one call. */
export interface InvokeMessage {
  /** Request id; names the call in logs and in `X-Mayfly-Request-Id`. */
  readonly id: string;
  readonly release: string;
  /** What the call shows its own app so that it is served by the same release: see `OwnAddress`. */
  readonly pin: string;
  /** When the call will be given up, ms since the epoch. */
  readonly deadline: number;
  /** W3C `traceparent` of the call. */
  readonly traceparent: string;
  /** Exactly one of `http` and `event`. */
  readonly http?: HttpCall;
  /**
   * A CloudEvents 1.0 envelope in JSON form without its data; `data` is the body, of type `datacontenttype`.
   * `type: "mayfly.invoke"` is a direct invocation: dialects pass its data, parsed when JSON, as it is.
   */
  readonly event?: Readonly<Record<string, unknown>>;
}

export interface HttpCall {
  readonly method: string;
  /** Absolute URL as the client sent it, `http://hello.localhost:8080/a?b=c` (the `/@APP` prefix removed). */
  readonly url: string;
  /** Flat `[name, value, name, value …]`, names as received, order and repetition kept. */
  readonly headers: readonly string[];
  readonly remoteAddress: string;
  /** Pattern of the route that matched, `/users/:id`. */
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
}

/** guest → platform: the response begins. For event calls: status 200 and the content type of the result. */
export interface HeadMessage {
  readonly status: number;
  /** Flat `[name, value …]`; repeated names allowed (`set-cookie`). */
  readonly headers: readonly string[];
}

/** guest → platform: the call (or, on stream 0, loading) failed. */
export interface FailureMessage {
  /** One of the function's own codes in the error table. */
  readonly code: 'FUNCTION_THREW' | 'FUNCTION_INIT_FAILED' | 'FUNCTION_EXITED' | 'RESPONSE_INVALID';
  /** Class of the thrown value: `TypeError`. */
  readonly name: string;
  readonly message: string;
  /** Mapped to the sources; goes to the log, never to the client. */
  readonly stack: string;
  /** CPU µs the call used. */
  readonly cpuUs: number;
  /** The instance ends after this: it must take no further call. */
  readonly fatal: boolean;
}

export interface LogMessage {
  /** ms since the epoch. */
  readonly time: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly requestId: string | null;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}
