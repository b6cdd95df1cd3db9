'use strict';
// A guest for tests: evaluates the async function bodies that it is sent and answers with what they return.
// One JSON line each way on descriptor 3: {id, body, argument} → {id, value} or {id, error, code}.
const { Socket } = require('node:net');

const AsyncFunction = (async () => {}).constructor;
const channel = new Socket({ fd: 3, readable: true, writable: true });
const send = (message) => channel.write(`${JSON.stringify(message)}\n`);

let pending = '';
channel.setEncoding('utf8');
channel.on('data', (text) => {
  const lines = (pending + text).split('\n');
  pending = lines.pop();
  for (const line of lines) answer(JSON.parse(line));
});
channel.on('close', () => process.exit(0));

async function answer({ id, body, argument }) {
  try {
    send({ id, value: await new AsyncFunction('require', 'argument', body)(require, argument) });
  } catch (thrown) {
    send({ id, error: String(thrown?.message), code: thrown?.code });
  }
}

send({ id: 0, value: { pid: process.pid, uid: process.getuid() } });
