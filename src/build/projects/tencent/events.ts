import type { RouteFile } from '../../config-schema.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import { CLOSED_ROUTE } from '../closed-route.ts';
import { isMapping, type Section } from '../section.ts';
import { readVendorPath, routesBelow } from '../vendor-route.ts';

/** Settings that every trigger may have. */
const COMMON = { qualifier: 'calls go to the release that is live' } as const;

/** `events`: a list of mappings with one kind each. */
export function readEvents(
  inputs: Section,
  isAlone: boolean,
): { routes: RouteFile[]; triggers: TriggerFile[] } {
  const routes: RouteFile[] = [];
  const triggers: TriggerFile[] = [];
  for (const event of inputs.sections('events')) {
    for (const [kind, section] of event.members()) {
      section.pass('name', 'type');
      const parameters = section.section('parameters');
      parameters?.pass('name', 'description');
      parameters?.leave('ignored', COMMON);
      if (kind === 'apigw') routes.push(...readGateway(parameters));
      else if (kind === 'http') routes.push(...readFunctionUrl(parameters, isAlone));
      else triggers.push(...readSource(kind, section, parameters));
    }
  }
  return { routes, triggers };
}

/** Settings of a gateway that mean nothing here. */
export function leaveGateway(parameters: Section | undefined): void {
  parameters?.leave('ignored', {
    serviceName: "the node's gateway is the only way in",
    serviceId: "the node's gateway is the only way in",
    serviceDesc: "the node's gateway is the only way in",
    protocols: "the node's gateway says which protocols there are",
    netTypes: "the node's gateway is the only way in",
    environment: 'paths begin without the name of an environment',
    customDomains: 'the app has its own host',
    isDisabled: 'a route that is off is read as if it were on',
    enableCORS: '"cors" in mayfly.yaml says who may call from browsers',
    ignoreUpdate: "the node's gateway is the only way in",
    id: "the node's gateway is the only way in",
    created: "the node's gateway is the only way in",
  });
}

function readGateway(parameters: Section | undefined): RouteFile[] {
  leaveGateway(parameters);
  return (parameters?.sections('endpoints') ?? []).flatMap(readEndpoint);
}

/** One path of a gateway. */
export function readEndpoint(endpoint: Section): RouteFile[] {
  const method = (endpoint.text('method') ?? 'ANY').toUpperCase();
  const { patterns, loss } = readVendorPath(endpoint.text('path') ?? '/');
  if (loss !== null) endpoint.tell('path', { severity: 'ignored', means: loss });
  const cors = endpoint.flag('enableCORS') === true;
  leaveEndpoint(endpoint);
  if (isClosed(endpoint)) return [];
  return patterns.map((path): RouteFile => {
    const route = method === 'ANY' ? { path } : { path, method };
    return cors ? { ...route, cors: true } : method === 'ANY' ? path : `${method} ${path}`;
  });
}

/** Whether callers must show who they are. */
function isClosed(endpoint: Section): boolean {
  const asking = ['auth', 'app', 'authType'].filter((key) => endpoint.has(key));
  endpoint.pass(...asking);
  const closing = asking.find((key) => key !== 'authType' || !/^none$/i.test(endpoint.text(key) ?? ''));
  if (closing !== undefined) endpoint.tell(closing, CLOSED_ROUTE);
  return closing !== undefined;
}

function leaveEndpoint(endpoint: Section): void {
  endpoint.pass('apiId', 'apiName', 'description', 'apiDesc');
  endpoint.leave('ignored', {
    responseType: 'an answer has the type that the function gives it',
    serviceTimeout: 'the time limit stands at the function',
    param: 'parameters are not checked before the call',
    isBase64Encoded: 'bodies are bytes',
    isBase64Trigger: 'bodies are bytes',
    base64EncodedTriggerRules: 'bodies are bytes',
    usagePlan: 'there are no usage plans',
    protocol: "the node's gateway says which protocols there are",
    businessType: 'calls go to the function',
  });
  // A text names one of several functions.
  const described = isMapping(endpoint.value('function')) ? endpoint.section('function') : undefined;
  const integrated = described?.flag('isIntegratedResponse');
  described?.leave('ignored', { functionQualifier: 'calls go to the release that is live' });
  if (integrated === false) {
    endpoint.tell('function', {
      severity: 'ignored',
      means: 'answers are always read as those of an integrated response',
    });
  }
}

/** A function URL is a host of its own; here it is every path of the app. */
function readFunctionUrl(parameters: Section | undefined, isAlone: boolean): RouteFile[] {
  parameters?.leave('ignored', { netConfig: "the node's gateway is the only way in" });
  const kind = parameters?.text('authType') ?? 'NONE';
  if (!/^none$/i.test(kind)) {
    parameters?.tell('authType', CLOSED_ROUTE);
    return [];
  }
  return isAlone ? routesBelow('/') : [];
}

export function readSource(kind: string, section: Section, parameters: Section | undefined): TriggerFile[] {
  const off = parameters?.flag('enable') === false ? { enabled: false } : {};
  const made = makeTrigger(kind, parameters);
  if (made === null) {
    parameters?.pass(...parameters.keys);
    section.tellAt(section.path, {
      severity: 'ignored',
      means: `Mayfly has no event source of the kind "${kind}"`,
    });
    return [];
  }
  if (kind !== 'timer') {
    section.tellAt(section.path, {
      severity: 'later',
      means: `events of this ${kind} are not fetched; the trigger is kept for a source of that name here`,
    });
  }
  return [{ ...made, ...off }];
}

function makeTrigger(kind: string, parameters: Section | undefined): TriggerFile | null {
  switch (kind) {
    case 'timer': {
      const argument = parameters?.text('argument');
      const cron = parameters?.text('cronExpression') ?? '';
      // Tencent's clock is that of China.
      const schedule = {
        cron,
        timezone: 'Asia/Shanghai',
        ...(argument === undefined ? {} : { input: argument }),
      };
      return { schedule };
    }
    case 'cos': {
      const events = parameters?.text('events') ?? '';
      const filter = parameters?.section('filter');
      const [prefix, suffix] = [filter?.text('prefix'), filter?.text('suffix')];
      return {
        object: {
          bucket: (parameters?.text('bucket') ?? 'bucket').split('.')[0] ?? 'bucket',
          events: [/Remove/.test(events) ? 'removed' : 'created'],
          ...(prefix === undefined ? {} : { prefix }),
          ...(suffix === undefined ? {} : { suffix }),
        },
      };
    }
    case 'ckafka': {
      const batch = parameters?.number('maxMsgNum');
      const offset = parameters?.text('offset');
      parameters?.leave('ignored', {
        retry: 'a record is tried until it is too old',
        timeOut: 'records are pushed',
      });
      const name = parameters?.text('topic') ?? 'topic';
      return {
        stream: {
          name,
          ...(batch === undefined ? {} : { batch }),
          ...(offset === undefined ? {} : { from: offset === 'earliest' ? 'oldest' : offset }),
        },
      };
    }
    case 'cmq': {
      parameters?.leave('ignored', {
        filterType: 'messages are not filtered',
        filterKey: 'messages are not filtered',
      });
      return { topic: parameters?.text('name') ?? 'topic' };
    }
    case 'cls': {
      parameters?.leave('ignored', { maxWait: 'lines are pushed', maxSize: 'lines are pushed' });
      return { log: parameters?.text('topicId') ?? 'topic' };
    }
    default:
      return null;
  }
}
