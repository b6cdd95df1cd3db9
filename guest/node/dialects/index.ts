import type { Dialect } from '../dialect.ts';
import { azure } from './azure.ts';
import { event } from './event.ts';
import { fetch } from './fetch.ts';
import { google } from './google.ts';
import { knative } from './knative.ts';
import { lambda } from './lambda.ts';
import { nuclio } from './nuclio.ts';
import { openfaas } from './openfaas.ts';
import { openwhisk } from './openwhisk.ts';
import { tencent } from './tencent.ts';

/** Every dialect this guest speaks, by the name that stands in `dialect:`. */
export const dialects: Readonly<Record<string, Dialect>> = {
  azure,
  event,
  fetch,
  google,
  knative,
  lambda,
  nuclio,
  openfaas,
  openwhisk,
  tencent,
};
