import type { Place } from '../../problem.ts';
import type { AppDraft } from '../app-draft.ts';
import { RESOURCE_KINDS, type TemplateResource } from './aws-resource.ts';
import type { Template } from './template.ts';
import { Unresolvable } from './template.ts';

/** Types that only make AWS let functions do something. */
const PERMISSION =
  /^AWS::(IAM|Lambda::Permission|SNS::TopicPolicy|SQS::QueuePolicy|S3::BucketPolicy|KMS|ApiGateway::UsagePlan)/;

/**
 * Tells what becomes of the resources of a template beside its functions.
 * @param own types that the caller has made something of
 */
export function tellResources(
  draft: AppDraft,
  template: Template,
  resources: Readonly<Record<string, TemplateResource>>,
  own: (type: string) => boolean,
  placeOf: (name: string) => Place,
): void {
  for (const [name, { Type: type }] of Object.entries(resources)) {
    if (typeof type !== 'string' || own(type)) continue;
    const place = placeOf(name);
    const what = `${name} (${type})`;
    const noun = RESOURCE_KINDS[type]?.noun ?? null;
    if (noun === 'function') continue;
    if (noun !== null) {
      const means = `the ${noun} "${nameOf(template, name)}" begins to exist when Mayfly's service for it arrives; code that uses it fails until then`;
      draft.later({ place, what, means });
    } else if (PERMISSION.test(type)) {
      draft.later({
        place,
        what,
        means: 'what functions may do is granted when the services arrive that it is about',
      });
    } else {
      draft.ignored({ place, what, means: 'nothing is made of it' });
    }
  }
}

function nameOf(template: Template, logicalId: string): string {
  try {
    return template.nameOf(logicalId);
  } catch (thrown) {
    if (thrown instanceof Unresolvable) return logicalId;
    throw thrown;
  }
}
