// SPDX-License-Identifier: Apache-2.0
// Starts `dryrun mock` ($DRYRUN_BIN) as a process on a free port and the virtual clock, and speaks to its admin API.
import { spawn } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const startMilliseconds = 60_000; // a build with sanitizers on a busy machine

/** A line of $DRYRUN_REACHED (see ../reach.py): the test, what it reached ('operation', 'method'), its name. */
export function noteReached(kind, name) {
  if (process.env.DRYRUN_REACHED)
    appendFileSync(process.env.DRYRUN_REACHED, `node/${basename(process.argv[1])}\t${kind}\t${name}\n`);
}

/** The same client, the methods of it and of its parts noted as they are called; `called` gets their labels. */
export function watchMethods(object, label, called = new Set()) {
  return new Proxy(object, {
    get(target, name) {
      const value = target[name], path = `${label}.${String(name)}`;
      if (typeof name === 'symbol' || name.startsWith('_') || !value) return value;
      if (typeof value === 'object' && !Array.isArray(value)) return watchMethods(value, path, called);
      if (typeof value !== 'function') return value;
      return (...given) => {
        if (!called.has(path)) noteReached('method', path);
        called.add(path);
        return value.apply(target, given);
      };
    },
  });
}

/** `more`: further options of `dryrun mock`; with --tls the mock has `ca`, the certificate to trust; `tlsFaults` has port and file to trust of
 * each --tls-fault. */
export async function startMock(provider, ...more) {
  const folder = await mkdtemp(join(tmpdir(), 'dryrun-mock-'));
  const portFile = join(folder, 'port');
  const certificate = join(folder, 'certificate.pem');
  const tls = more.includes('--tls') ? ['--cert-out', certificate] : [];
  const child = spawn(
    process.env.DRYRUN_BIN,
    ['mock', provider, '--clock', 'virtual', '--port', '0', '--port-file', portFile,
      '--contracts', join(root, 'contracts'), '--fixtures', join(root, 'fixtures'), ...tls, ...more],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  process.once('exit', () => child.kill('SIGKILL')); // a test that breaks off leaves none behind
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text));
  const ended = once(child, 'exit');
  const [port, tlsFaults] = await waitForPort(child, portFile, () => log);
  const url = `http${tls.length ? 's' : ''}://127.0.0.1:${port}`;
  const ca = tls.length ? await readFile(certificate, 'utf8') : undefined;

  async function admin(method, path, session, body) {
    const answer = await ask(`${url}/__admin${path}`, {
      method, ca,
      headers: { 'Content-Type': 'application/json', 'X-Dryrun-Session': session },
    }, body && JSON.stringify(body));
    if (answer.status >= 300) throw new Error(`admin ${method} ${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  }

  return {
    url,
    port,
    ca,
    tlsFaults,
    admin,
    advance: (session, by) => admin('POST', '/clock/advance', session, { by }),
    count: async (session, match) =>
      (await admin('GET', `/requests/count?${new URLSearchParams(match)}`, session)).count,
    async stop() {
      if (process.env.DRYRUN_REACHED) await tellReached(admin);
      child.kill('SIGTERM');
      const [code] = await ended;
      await rm(folder, { recursive: true });
      if (code !== 0) throw new Error(`the mock ended with ${code}: ${log}`);
    },
  };
}

/** One request, over https with `ca` as the certificate to trust. */
function ask(url, options, body) {
  return new Promise((resolve, reject) => {
    const request = (options.ca ? https : http).request(url, { agent: false, ...options }, async (response) => {
      try {
        resolve({ status: response.statusCode, text: Buffer.concat(await Array.fromAsync(response)).toString() });
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', reject).end(body);
  });
}

/** Which operations were answered with success, in each session. */
async function tellReached(admin) {
  for (const { name } of (await admin('GET', '/sessions', '')).sessions)
    for (const { provider, operation, status } of (await admin('GET', '/metrics?format=json', name)).requests)
      if (operation && status < 400) noteReached('operation', `${provider} ${operation}`);
}

async function waitForPort(child, portFile, log) {
  const end = Date.now() + startMilliseconds;
  while (Date.now() < end) {
    const text = await readFile(portFile, 'utf8').catch(() => '');
    if (text) {
      const [port, ...others] = text.trim().split('\n');
      const faults = others.map((line) => line.match(/^(\S+) (\d+) (.*)$/)).map(([, kind, at, trust]) =>
        [kind, { port: Number(at), trust: trust === '-' ? undefined : trust }]);
      return [Number(port), Object.fromEntries(faults)];
    }
    if (child.exitCode !== null) throw new Error(`the mock ended with ${child.exitCode}: ${log()}`);
    await pause(10);
  }
  child.kill('SIGKILL');
  throw new Error(`the mock told no port: ${log()}`);
}
