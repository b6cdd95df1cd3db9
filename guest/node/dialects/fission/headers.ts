import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import type { InstanceInfo } from '../../instance-info.ts';
import { splitTarget } from '../../request-target.ts';

/** The request with the headers by which Fission's router tells parameters of the route, and what is called. */
export function withFissionHeaders(http: HttpCall, instance: InstanceInfo): HttpCall {
  const { path, search } = splitTarget(http.url);
  const headers = [
    ...http.headers,
    'X-Fission-Full-Url',
    path + search,
    'X-Fission-Function-Name',
    instance.function,
    'X-Fission-Function-Namespace',
    instance.app,
  ];
  for (const name of Object.keys(http.params)) {
    headers.push(`X-Fission-Params-${name === '*' ? 'Path' : name}`, http.params[name]!);
  }
  return { ...http, headers };
}
