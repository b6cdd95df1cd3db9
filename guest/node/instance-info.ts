import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';

/** What dialects may know about the function version that this process has become. */
export type InstanceInfo = Omit<SpecialiseMessage, 'compileCacheDir' | 'makeCompileCache'>;
