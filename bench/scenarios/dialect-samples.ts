/** A function that says hello in the way of one vendor. */
export interface DialectSample {
  readonly name: string;
  readonly dialect: string;
  readonly file: string;
  /** With the export, where it is not the dialect's usual one. */
  readonly handler?: string;
  readonly runtime?: string;
  readonly text: string;
}

const commonJs = (dialect: string, text: string, handler?: string): DialectSample => ({
  name: dialect,
  dialect,
  file: `src/${dialect}.cjs`,
  ...(handler === undefined ? {} : { handler: `src/${dialect}.cjs#${handler}` }),
  text,
});

/** Every dialect of JavaScript. */
export const DIALECT_SAMPLES: readonly DialectSample[] = [
  {
    name: 'fetch',
    dialect: 'fetch',
    file: 'src/fetch.mjs',
    text: "export default () => new Response('hello');",
  },
  { name: 'event', dialect: 'event', file: 'src/event.mjs', text: "export default () => 'hello';" },
  commonJs('lambda', "exports.handler = async () => ({ statusCode: 200, body: 'hello' });"),
  commonJs(
    'google',
    "require('@google-cloud/functions-framework').http('hello', (req, res) => { res.send('hello'); });",
    'hello',
  ),
  commonJs(
    'azure',
    "require('@azure/functions').app.http('hello', { methods: ['GET'], authLevel: 'anonymous', handler: async () => ({ body: 'hello' }) });",
    'hello',
  ),
  commonJs('openwhisk', "exports.main = () => ({ body: 'hello' });"),
  commonJs('fission', "module.exports = async () => ({ status: 200, body: 'hello' });"),
  commonJs('kubeless', "module.exports = { hello: () => 'hello' };", 'hello'),
  commonJs('openfaas', "module.exports = async (event, context) => context.status(200).succeed('hello');"),
  commonJs('fn', "require('@fnproject/fdk').handle(() => 'hello');"),
  commonJs(
    'tencent',
    "exports.main_handler = async () => ({ statusCode: 200, headers: {}, body: 'hello' });",
  ),
  commonJs('alibaba', "exports.handler = async () => ({ statusCode: 200, body: 'hello' });"),
  commonJs('webtask', "module.exports = (cb) => cb(null, 'hello');"),
  commonJs('nuclio', "exports.handler = (context) => context.callback('hello');"),
  commonJs('knative', "exports.handle = () => ({ body: 'hello' });"),
];

/** What is slow in itself, or runs in a process of its own: reported, without a promise. */
export const SLOW_SAMPLES: readonly DialectSample[] = [
  {
    name: 'http',
    dialect: 'http',
    runtime: 'http',
    file: 'src/http.cjs',
    text: "require('node:http').createServer((req, res) => res.end('hello')).listen(process.env.PORT);",
  },
];
