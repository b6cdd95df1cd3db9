import type { LambdaSettingRecord } from '../../../../ports/lambda-store.ts';

/** What is set for the events of a function, a version or an alias, in AWS's words. */
export interface EventSettings {
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
  readonly DestinationConfig?: {
    readonly OnSuccess?: Destination;
    readonly OnFailure?: Destination;
  };
}

interface Destination {
  /** An ARN; `''`: none. */
  readonly Destination?: string;
}

/** The kind of setting that holds them. */
export const EVENT_INVOKE_KIND = 'event-invoke';
/** The kind of setting that says whether a function may cause itself for ever: `{ RecursiveLoop: 'Allow' }`. */
export const RECURSION_KIND = 'recursion';

export function eventSettingsOf(record: LambdaSettingRecord | null): EventSettings {
  return (record?.value ?? {}) as EventSettings;
}

/** The service that an ARN names: `sqs`. */
export function serviceOf(arn: string): string {
  return arn.split(':')[2] ?? '';
}
