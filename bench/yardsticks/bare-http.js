// The least a Node.js server can do: the same answer as the function of the scenarios, and nothing around it.
import { createServer } from 'node:http';

const body = Buffer.from('hello\n');
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain;charset=UTF-8', 'content-length': body.length });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
