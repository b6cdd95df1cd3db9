import type { Dialect } from '../dialect.ts';
import { alibaba } from './alibaba.ts';
import { azure } from './azure.ts';
import { event } from './event.ts';
import { fetch } from './fetch.ts';
import { fission } from './fission.ts';
import { fn } from './fn.ts';
import { google } from './google.ts';
import { http } from './http.ts';
import { knative } from './knative.ts';
import { kubeless } from './kubeless.ts';
import { lambda } from './lambda.ts';
import { nuclio } from './nuclio.ts';
import { openfaas } from './openfaas.ts';
import { openwhisk } from './openwhisk.ts';
import { tencent } from './tencent.ts';
import { webtask } from './webtask.ts';

/** Every dialect this guest speaks, by the name that stands in `dialect:`. */
export const dialects: Readonly<Record<string, Dialect>> = {
  alibaba,
  azure,
  event,
  fetch,
  fission,
  fn,
  google,
  http,
  knative,
  kubeless,
  lambda,
  nuclio,
  openfaas,
  openwhisk,
  tencent,
  webtask,
};
