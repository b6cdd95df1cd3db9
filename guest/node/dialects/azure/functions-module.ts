import { input, output, trigger } from './bindings.ts';
import * as hooks from './hooks.ts';
import { HttpRequest } from './http-request.ts';
import { HttpResponse } from './http-response.ts';
import { InvocationContext } from './invocation-context.ts';
import { registrars } from './registry.ts';

const app = {
  ...registrars,
  hook: hooks.hook,
  // Bodies stream both ways whatever is asked for, and there are no capabilities of a host to ask for.
  setup: (_options: unknown): void => undefined,
} as const;

/** What `@azure/functions` exports. */
export const azureFunctions = {
  app,
  input,
  output,
  trigger,
  HttpRequest,
  HttpResponse,
  InvocationContext,
  Disposable: hooks.Disposable,
  AppStartContext: hooks.AppStartContext,
  AppTerminateContext: hooks.AppTerminateContext,
  HookContext: hooks.HookContext,
  InvocationHookContext: hooks.InvocationHookContext,
  LogHookContext: hooks.LogHookContext,
  PostInvocationContext: hooks.PostInvocationContext,
  PreInvocationContext: hooks.PreInvocationContext,
  CosmosDBChangeFeedMode: { AllVersionsAndDeletes: 'AllVersionsAndDeletes', LatestVersion: 'LatestVersion' },
  CosmosDBv4ChangeFeedMode: {
    AllVersionsAndDeletes: 'AllVersionsAndDeletes',
    LatestVersion: 'LatestVersion',
  },
  MySqlChangeOperation: { Update: 0, 0: 'Update' },
  SqlChangeOperation: { Insert: 0, Update: 1, Delete: 2, 0: 'Insert', 1: 'Update', 2: 'Delete' },
} as const;
