import { alibaba } from './alibaba.ts';
import { azure } from './azure.ts';
import { fission } from './fission.ts';
import { fn } from './fn.ts';
import type { ForeignProject } from './foreign-project.ts';
import { google } from './google.ts';
import { knative } from './knative.ts';
import { nuclio } from './nuclio.ts';
import { openfaas } from './openfaas.ts';
import { openwhisk } from './openwhisk.ts';
import { sam } from './sam.ts';
import { serverless } from './serverless.ts';
import { tencent } from './tencent.ts';
import { wrangler } from './wrangler.ts';

/** Every tool whose project files are read, in the order in which they are looked for. */
export const PROJECTS: readonly ForeignProject[] = [
  alibaba,
  azure,
  fission,
  fn,
  google,
  knative,
  nuclio,
  openfaas,
  openwhisk,
  sam,
  serverless,
  tencent,
  wrangler,
];
