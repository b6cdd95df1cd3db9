import type { Section } from '../section.ts';
import type { FcFunction } from './function.ts';

/** Settings of both generations that mean nothing here, and say so. */
const IGNORED: Readonly<Record<string, string>> = {
  region: 'the node is the only place there is',
  diskSize: 'the node bounds what a sandbox may write',
  role: 'grants say what a function may do',
  logConfig: '"mayfly logs" reads the log',
  vpcConfig: 'functions reach what the node reaches; "network: none" in mayfly.yaml shuts them off',
  vpcBinding: 'functions reach what the node reaches',
  nasConfig: 'there are no network drives; /tmp can be written to',
  ossMountConfig: "buckets are not mounted; use the store's interface",
  polarFsConfig: 'there are no network drives; /tmp can be written to',
  customDNS: "functions ask the node's resolver",
  gpuConfig: 'there are no GPUs',
  tracingConfig: 'calls carry a trace context at any time',
  asyncInvokeConfig: 'asynchronous calls have settings of their own',
  endpoint: 'MAYFLY_URL names the node',
  tags: 'there are no tags',
  resourceGroupId: 'the app is the group',
  sessionAffinity: 'calls go to any instance',
  sessionAffinityConfig: 'calls go to any instance',
  instanceIsolationMode: 'an instance serves one call at a time unless "concurrency" says otherwise',
  instanceType: 'there is one kind of instance',
  disableOndemand: 'instances follow the calls',
  idleTimeout: '"keepAlive" in mayfly.yaml says how long an idle instance stays',
  asyncConfiguration: 'asynchronous calls have settings of their own',
  caPort: 'it is about custom runtimes, which listen on PORT',
};

/** `fc3`: the properties are the function's. */
export function readComponent(props: Section): FcFunction {
  props.pass('description');
  props.leave('ignored', IGNORED);
  return {
    generation: 3,
    written: props.text('functionName') ?? 'function',
    settings: props,
    code: codeOf(props, 'code'),
    triggers: props.sections('triggers'),
    name: 'triggerName',
    kind: 'triggerType',
    config: 'triggerConfig',
    domains: [],
  };
}

/** `fc` (2.0): a service with a function, its triggers and its domains. */
export function readServiceComponent(props: Section): FcFunction {
  const settings = props.section('function') ?? props;
  const service = props.section('service');
  service?.pass('name', 'description');
  service?.leave('ignored', {
    ...IGNORED,
    internetAccess: '"network: none" in mayfly.yaml shuts functions off',
  });
  props.leave('ignored', { region: IGNORED.region ?? '' });
  settings.pass('description');
  settings.leave('ignored', IGNORED);
  return {
    generation: 2,
    written: settings.text('name') ?? 'function',
    settings,
    code: codeOf(settings, 'codeUri'),
    triggers: props.sections('triggers'),
    name: 'name',
    kind: 'type',
    config: 'config',
    domains: props.sections('customDomains'),
  };
}

/** A folder, or a mapping whose `src` is one. */
function codeOf(section: Section, key: string): string | null {
  const value = section.value(key);
  if (typeof value === 'string') return value;
  const mapping = value === undefined ? undefined : section.section(key);
  mapping?.pass('ossBucketName', 'ossObjectName');
  return mapping?.text('src') ?? null;
}
