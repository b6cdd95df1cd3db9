import { mappingAt, type Service, textAt } from './service.ts';

/** The handlers that the plugin `serverless-wsgi` puts beside the author's code. */
const PLUGIN_HANDLER = /^wsgi(_handler)?\.handler$/;

/** The web application that such a handler serves, as `custom.wsgi.app` names it; null: the function has a handler of its own. */
export function wsgiApplication({ plugins, custom }: Service, handler: string | null): string | null {
  if (handler === null || !PLUGIN_HANDLER.test(handler) || !plugins.includes('serverless-wsgi')) return null;
  return textAt(mappingAt(custom, 'wsgi'), 'app') ?? null;
}
