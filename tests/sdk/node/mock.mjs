// SPDX-License-Identifier: Apache-2.0
// Starts `dryrun mock` ($DRYRUN_BIN) as a process on a free port and the virtual clock, and speaks to its admin API.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const startMilliseconds = 60_000; // a build with sanitizers on a busy machine

export async function startMock(provider) {
  const folder = await mkdtemp(join(tmpdir(), 'dryrun-mock-'));
  const portFile = join(folder, 'port');
  const child = spawn(
    process.env.DRYRUN_BIN,
    ['mock', provider, '--clock', 'virtual', '--port', '0', '--port-file', portFile,
      '--contracts', join(root, 'contracts'), '--fixtures', join(root, 'fixtures')],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text));
  const ended = once(child, 'exit');
  const port = await waitForPort(child, portFile, () => log);
  const url = `http://127.0.0.1:${port}`;

  async function admin(method, path, session, body) {
    const answer = await fetch(`${url}/__admin${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-Dryrun-Session': session },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`admin ${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  return {
    url,
    admin,
    advance: (session, by) => admin('POST', '/clock/advance', session, { by }),
    count: async (session, match) =>
      (await admin('GET', `/requests/count?${new URLSearchParams(match)}`, session)).count,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await ended;
      await rm(folder, { recursive: true });
      if (code !== 0) throw new Error(`the mock ended with ${code}: ${log}`);
    },
  };
}

async function waitForPort(child, portFile, log) {
  const end = Date.now() + startMilliseconds;
  while (Date.now() < end) {
    const text = await readFile(portFile, 'utf8').catch(() => '');
    if (/^\d+\s*$/.test(text)) return Number(text);
    if (child.exitCode !== null) throw new Error(`the mock ended with ${child.exitCode}: ${log()}`);
    await pause(10);
  }
  child.kill('SIGKILL');
  throw new Error(`the mock told no port: ${log()}`);
}
