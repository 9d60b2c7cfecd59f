// SPDX-License-Identifier: Apache-2.0
// What the official Node client of azure-agents, unmodified, shows of each fault: a RestError and its code, the recovery by its own retries,
// a TypeError where it does not expect such an answer at all, or, where it cannot notice, what really happened in the session.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { AgentsClient } from '@azure/ai-agents';
import { startMock, watchMethods } from './mock.mjs';

const helper = 'asst_000000000000000000000001';
// Kind, parameters, the error's name, then its code or status.
const shown = [
  ['delay', { time: '2s' }, 'AbortError'],
  ['slow_first_byte', { time: '2s' }, 'AbortError'],
  ['hang', {}, 'AbortError'],
  ['dribble', { time: '2s' }, 'AbortError'],
  ['stall', {}, 'AbortError'],
  ['lost_response', { how: 'hang' }, 'AbortError'],
  ['stall', { most: '50ms' }, 'RestError', 'PARSE_ERROR'],
  ['status', { status: 503 }, 'RestError', 503],
  ['status', { status: 401 }, 'RestError', 'unauthorized'],
  ['rate_limit', { budget: 0 }, 'RestError', 429],
  ['redirect_loop', {}, 'TypeError'],
  ['reset', {}, 'RestError', 'ECONNRESET'],
  ['empty_reply', {}, 'RestError', 'ECONNRESET'],
  ['random_bytes', {}, 'RestError', 'HPE_INVALID_CONSTANT'],
  ['raw_bytes', { text: 'no HTTP at all' }, 'RestError', 'HPE_INVALID_CONSTANT'],
  ['huge_header', {}, 'RestError', 'HPE_HEADER_OVERFLOW'],
  ['reset_in_body', {}, 'RestError', 'PARSE_ERROR'],
  ['truncated_body', {}, 'RestError', 'PARSE_ERROR'],
  ['wrong_length', {}, 'RestError', 'PARSE_ERROR'],
  ['malformed_chunk', {}, 'RestError', 'PARSE_ERROR'],
  ['bad_gzip', {}, 'RestError', 'PARSE_ERROR'],
  ['malformed_json', {}, 'RestError', 'PARSE_ERROR'],
  ['malformed_json', { how: 'empty' }, 'TypeError'],
  ['charset', { body: 'utf-16' }, 'RestError', 'PARSE_ERROR'],
  ['lost_response', {}, 'RestError', 'ECONNRESET'],
  ['lost_response', { how: '504' }, 'TypeError'],
  ['vanish', {}, 'RestError', 404],
];
// It has what it asked for all the same.
const unnoticed = [
  ['bandwidth', { rate: 50000 }], ['slow_close', { time: '50ms' }], ['content_type', {}], ['charset', {}], ['header', { name: 'Content-Type' }],
  ['duplicate_header', {}], ['clock_skew', {}], ['schema_mutation', { breach: 'type', at: '/created_at' }],
  ['schema_mutation', { breach: 'drop', at: '/id' }], ['schema_mutation', { breach: 'encoding' }], ['unannounced_close', {}],
];
const recovered = [
  ['reset', {}, 'getRun'], ['reset', {}, 'createRun'], ['empty_reply', {}, 'getRun'], ['status', { status: 500 }, 'createRun'],
  ['status', { status: 503, retry_after: '0s' }, 'getRun'], ['redirect_loop', {}, 'getRun'],
];
const plain = ['thread.run.created', 'thread.run.queued', 'thread.run.in_progress', 'thread.run.step.created', 'thread.run.step.in_progress',
  'thread.message.created', 'thread.message.in_progress', 'thread.message.delta', 'thread.message.delta', 'thread.message.completed',
  'thread.run.step.completed', 'thread.run.completed', 'done'];
// Kind, parameters, what it iterates over, and the code of what it throws then.
const streams = [
  ['stream_cut', { after: 4 }, plain.slice(0, 4), 'ECONNRESET'],
  ['stream_cut', { after: 4, how: 'reset' }, plain.slice(0, 4), 'ECONNRESET'],
  ['stream_cut', { after: 4, how: 'end' }, plain.slice(0, 4)],
  ['stream_stall', { after: 2, time: '50ms' }, plain],
  ['duplicate_event', { event: 2 }, [...plain.slice(0, 2), ...plain.slice(1)]],
  ['reorder_events', { event: 2 }, [plain[0], plain[2], plain[1], ...plain.slice(3)]],
  ['missing_terminal', {}, plain.slice(0, -2)],
  ['missing_terminal', { what: 'marker' }, plain.slice(0, -1)],
];
const tls = {
  expired: 'CERT_HAS_EXPIRED', not_yet_valid: 'CERT_NOT_YET_VALID', wrong_host: 'ERR_TLS_CERT_ALTNAME_INVALID',
  untrusted: 'DEPTH_ZERO_SELF_SIGNED_CERT', old_protocol: 'EPROTO', plain_text: 'EPROTO',
  abrupt_close: 'ECONNRESET', silent: 'AbortError',
};

let mock, sessions = 0;
before(async () => (mock = await startMock('azure-agents', ...Object.keys(tls).flatMap((kind) => ['--tls-fault', kind]))));
after(() => mock?.stop());

function connect(session, maxRetries, url = mock.url, options = { allowInsecureConnection: true }) {
  const client = new AgentsClient(`${url}/azure-agents/api/projects/demo`, options.credential, {
    retryOptions: { maxRetries, retryDelayInMs: 1, maxRetryDelayInMs: 2 }, ...options,
    additionalPolicies: [{
      position: 'perCall',
      policy: { name: 'session', sendRequest: (request, next) => (request.headers.set('X-Dryrun-Session', session), next(request)) },
    }],
  });
  return watchMethods(client, 'AgentsClient');
}

/** A session with a thread and a run, and a client there that retries as often. What sets it up retries, since it may get a connection that a
 * fault before it has closed. */
async function world(maxRetries = 0) {
  const session = `faults-${++sessions}`, patient = connect(session, 3), client = connect(session, maxRetries);
  const thread = (await patient.threads.create()).id;
  return {
    session, client, thread,
    start: async () => (await patient.runs.create(thread, helper)).id,
    rule: (fault, parameters, more = {}) => mock.admin('POST', '/faults', session, { fault, with: parameters, ...more }),
    runs: async () => (await mock.admin('GET', '/resources?kind=run&limit=1000', session)).resources.length,
    truth: async (run) => (await mock.admin('GET', `/resources/${run}`, session)).state,
  };
}

for (const [kind, parameters, name, code] of shown)
  test(`${kind} ${JSON.stringify(parameters)} is shown as ${name}${code ? ` of ${code}` : ''}`, async () => {
    const { client, thread, start, rule } = await world();
    const run = await start();
    await rule(kind, parameters, { match: { operation: 'getRun' } });
    const late = name === 'AbortError' ? { abortSignal: AbortSignal.timeout(150) } : {};
    await assert.rejects(client.runs.get(thread, run, late), (error) => {
      assert.equal(error.name, name, String(error.stack));
      if (code) assert.ok([error.code, error.statusCode].includes(code), `${error.code} ${error.statusCode}`);
      return true;
    });
  });

for (const [kind, parameters] of unnoticed)
  test(`${kind} ${JSON.stringify(parameters)} is not noticed`, async () => {
    const { client, thread, start, rule } = await world();
    const run = await start();
    await rule(kind, parameters, { match: { operation: 'getRun' } });
    assert.equal((await client.runs.get(thread, run)).status, 'queued');
  });

test('a state that nobody has heard of is handed on, since the client does not validate', async () => {
  const { client, thread, start, rule } = await world();
  const run = await start();
  await rule('schema_mutation', { breach: 'enum', at: '/status' });
  assert.equal((await client.runs.get(thread, run)).status, 'NEVER_HEARD_OF');
});

for (const [kind, parameters, operation] of recovered)
  test(`after ${kind} ${JSON.stringify(parameters)} at ${operation} a retry of the client recovers`, async () => {
    const { session, client, thread, start, rule } = await world(1);
    const run = operation === 'getRun' && (await start());
    await rule(kind, parameters, { times: 1, match: { operation } });
    assert.equal((run ? await client.runs.get(thread, run) : await client.runs.create(thread, helper)).status, 'queued');
    assert.equal(await mock.count(session, { operation }), 2);
  });

test('it gives up after as many 429s as it was told', async () => {
  const { session, client, thread, start, rule } = await world(2);
  const run = await start();
  await rule('rate_limit', { budget: 0, retry_after: 'none' }, { match: { operation: 'getRun' } });
  await assert.rejects(client.runs.get(thread, run), { name: 'RestError', statusCode: 429 });
  assert.equal(await mock.count(session, { operation: 'getRun', status: 429 }), 3);
});

test('it comes back when the budget says', async () => {
  const { client, thread, start, rule } = await world(9);
  const run = await start();
  await rule('rate_limit', { budget: 1, window: '150ms', retry_after: 'milliseconds' }, { match: { operation: 'getRun' } });
  for (let i = 0; i < 2; i++) assert.equal((await client.runs.get(thread, run)).status, 'queued');
});

test('a start is sent again when its answer is lost, though it was started', async () => {
  const { session, client, thread, rule, runs } = await world(1);
  const before = await runs();
  await rule('lost_response', {}, { times: 1, match: { operation: 'createRun' } });
  await assert.rejects((async () => client.runs.create(thread, helper))(), /already has an active run/);
  assert.deepEqual([await mock.count(session, { operation: 'createRun' }), await runs()], [2, before + 1]);
});

for (const [kind, parameters, given, code] of streams)
  test(`${kind} ${JSON.stringify(parameters)}: ${given.length} events${code ? `, then ${code}` : ''}`, async () => {
    const { client, thread, rule } = await world();
    await rule(kind, parameters);
    const seen = [];
    let raised;
    try {
      for await (const event of await client.runs.create(thread, helper).stream()) seen.push(event.event);
    } catch (error) {
      raised = error.code;
    }
    assert.deepEqual([seen, raised], [given, code]);
  });

test('polls see the state before, and another goes back', async () => {
  const { session, client, thread, start, rule, truth } = await world();
  const run = await start();
  await rule('stale_read', {});
  await rule('regress', {});
  await mock.advance(session, '1m');
  const seen = [];
  for (let i = 0; i < 4; i++) seen.push((await client.runs.get(thread, run)).status);
  assert.deepEqual([seen, await truth(run)], [['in_progress', 'completed', 'in_progress', 'completed'], 'completed']);
});

test('its poller believes an end that is none', async () => {
  const { client, thread, rule, truth } = await world();
  await rule('early_terminal', { state: 'completed' }, { times: 1, match: { operation: 'getRun' } });
  const run = await client.runs.createAndPoll(thread, helper, { pollingOptions: { intervalInMs: 1 } });
  assert.deepEqual([run.status, await truth(run.id)], ['completed', 'queued']);
});

test('a cancelled run completes', async () => {
  const { session, client, thread, start, rule } = await world();
  const run = await start();
  await rule('cancel_ignored', {});
  assert.equal((await client.runs.cancel(thread, run)).status, 'cancelling');
  await mock.advance(session, '1m');
  assert.equal((await client.runs.get(thread, run)).status, 'completed');
});

for (const [kind, code] of Object.entries(tls))
  test(`the listener ${kind} is shown as ${code}`, async () => {
    const { port, trust } = mock.tlsFaults[kind];
    const ca = trust && (await readFile(trust, 'utf8'));
    const credential = { getToken: async () => ({ token: 'any', expiresOnTimestamp: Date.now() + 1e7 }) };
    const client = connect('tls', 0, `https://localhost:${port}`, { credential, ...(ca ? { tlsOptions: { ca } } : {}) });
    const late = kind === 'silent' ? { abortSignal: AbortSignal.timeout(150) } : {};
    await assert.rejects(client.getAgent(helper, late), (error) => {
      assert.ok([error.code, error.name].includes(code), `${error.name} ${error.code}: ${error.message}`);
      return true;
    });
  });
