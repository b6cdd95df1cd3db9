/** Programs for tests, in the two languages that every machine with Mayfly has. */

/** A runtime in bash: `handle` gets the payload in `$1` and prints the result. */
export const bash = (handle: string): string => `#!/bin/bash
handle() {
${handle}
}
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
heads="$(mktemp)"
while true; do
  event="$(curl -sS -D "$heads" "$api/invocation/next")" || exit 1
  id="$(grep -i '^lambda-runtime-aws-request-id:' "$heads" | tr -d '\\r' | cut -d' ' -f2)"
  handle "$event" "$id" | curl -sS -o /dev/null -X POST --data-binary @- "$api/invocation/$id/response"
done
`;

/**
 * A runtime in JavaScript that does what a test tells it to. \`next()\` gives \`{id, headers, event}\`; \`post(path, body, headers)\` gives
 * \`{status, json}\`, its path after \`/2018-06-01/runtime/\` unless it begins with \`/\`.
 */
export const javascript = (body: string): string => `#!/usr/bin/env node
const http = require('node:http');
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });
const call = (method, path, body, headers = {}) => new Promise((resolve, reject) => {
  const full = path.startsWith('/') ? path : '/2018-06-01/runtime/' + path;
  const req = http.request({ host, port, agent, method, path: full, headers }, (res) => {
    let text = '';
    res.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => {
      let json = null;
      try { json = JSON.parse(text); } catch {}
      resolve({ status: res.statusCode, headers: res.headers, text, json });
    });
  });
  req.on('error', reject);
  if (typeof body === 'function') body(req); else req.end(body);
});
const post = (path, body, headers) => call('POST', path, body, headers);
const next = async () => {
  const { status, headers, text, json } = await call('GET', 'invocation/next');
  return { status, headers, event: json, text, id: headers['lambda-runtime-aws-request-id'] };
};
(async () => {
${body}
})();
`;

/** A runtime in JavaScript whose handler is an expression of \`event\` and \`headers\`. */
export const echo = (handler = 'event'): string =>
  javascript(`for (;;) {
  const { id, event, headers } = await next();
  const result = await (async () => (${handler}))();
  await post('invocation/' + id + '/response', JSON.stringify(result));
}`);

/**
 * An extension in JavaScript: `register(events)` gives `{status, id, json}`, `event()` waits for the next one; what else it does is
 * `body`. It writes what it sees to `seen` of the code folder by `note`.
 */
export const extension = (body: string): string =>
  javascript(`
  const note = (...what) => require('node:fs').appendFileSync(process.env.LAMBDA_TASK_ROOT + '/seen', JSON.stringify(what) + '\\n');
  let own = '';
  const register = async (events, name = require('node:path').basename(__filename), more = {}) => {
    const headers = { 'Lambda-Extension-Name': name, ...more };
    const { status, headers: answered, json } = await post('/2020-01-01/extension/register', JSON.stringify({ events }), headers);
    own = answered['lambda-extension-identifier'];
    return { status, id: own, json };
  };
  const event = async (id = own) => {
    const { status, json } = await call('GET', '/2020-01-01/extension/event/next', undefined, { 'Lambda-Extension-Identifier': id });
    return { status, ...json };
  };
  ${body}`);
