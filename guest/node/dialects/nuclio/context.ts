import { contextLog } from '../../call-context.ts';
import { Response } from './response.ts';

type Log = (message: unknown, fields?: Record<string, unknown>) => void;

/** What Nuclio's functions get besides the event. */
export interface NuclioContext {
  /** For what `initContext` makes. */
  readonly userData: Record<string, unknown>;
  readonly Response: typeof Response;
  readonly logger: Readonly<Record<string, Log>>;
  /** Gives the result; only the first counts. */
  callback(result?: unknown): Promise<void>;
}

/** What all calls of an instance share. */
export function sharedContext(): NuclioContext {
  const { debug, info, warn, error } = contextLog();
  return {
    userData: {},
    Response,
    logger: {
      debug,
      debugWith: debug,
      error,
      errorWith: error,
      info,
      infoWith: info,
      warn,
      warnWith: warn,
    },
    async callback() {},
  };
}

/** One call's: several may run at a time, and each has its own callback. */
export function callContext(shared: NuclioContext, succeed: (result: unknown) => void): NuclioContext {
  const context = Object.create(shared) as NuclioContext;
  context.callback = async (result) => succeed(result);
  return context;
}
