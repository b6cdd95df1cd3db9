import type { Activity } from '../../ports/activity-listener.ts';

/**
 * What was done to an environment as a CloudEvent 1.0 in JSON (github.com/cloudevents/spec, `formats/json-format.md`). Pure: the same
 * activity is the same event, so that whoever gets it twice can tell.
 */
export function activityEvent(activity: Activity, url: string): string {
  const { app, environment, seq, at, action, release } = activity;
  return JSON.stringify({
    specversion: '1.0',
    id: activityId(activity),
    source: `/v1/apps/${app}/environments/${environment}`,
    type: `dev.mayfly.environment.${action}`,
    time: new Date(at).toISOString(),
    ...(release === null ? {} : { subject: release }),
    datacontenttype: 'application/json',
    data: { ...activity, seq, url },
  });
}

/** Unique by source; with app and environment in it, unique for receivers that look at the id alone. */
export const activityId = ({ app, environment, seq }: Activity): string => `${app}/${environment}/${seq}`;
