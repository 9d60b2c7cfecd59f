// SPDX-License-Identifier: Apache-2.0
// Between Respect and the mock. Requests pass as they are, but for one thing: Respect announces JSON and sends nothing where the
// payload is an empty object. GET /wait?ms=N lets time pass in the session of the last request.
import http from 'node:http';
import { once } from 'node:events';

async function mended(request) {
  const body = Buffer.concat(await Array.fromAsync(request));
  return !body.length && request.headers['content-type'] === 'application/json' ? Buffer.from('{}') : body;
}

function pass(request, body, port, response) {
  const headers = { ...request.headers, host: `127.0.0.1:${port}` };
  delete headers['transfer-encoding'];
  if (body.length) headers['content-length'] = body.length;
  const onward = http.request({ port, agent: false, method: request.method, path: request.url, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', (error) => response.destroy(error)).end(body);
}

export async function startBetween(mock) {
  let session = '';
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/wait') {
      await mock.admin('POST', '/clock/sleep', session, { for: `${url.searchParams.get('ms')}ms` });
      response.end();
      return;
    }
    session = request.headers['x-dryrun-session'] ?? session;
    pass(request, await mended(request), mock.port, response);
  }).listen(0, '127.0.0.1');
  server.keepAliveTimeout = 0; // never closed while Respect is about to use it again
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
