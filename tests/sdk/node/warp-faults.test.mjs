// SPDX-License-Identifier: Apache-2.0
// What the official Node client of warp, unmodified, shows of each fault: its own typed error, its recovery, or nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OzAPI from 'oz-agent-sdk';
import { startMock } from './mock.mjs';

const lost = OzAPI.APIConnectionError, late = OzAPI.APIConnectionTimeoutError;
// Kind, parameters, the error and the code of its cause. Its timeout ends with the head: what breaks within the body is fetch's
// own TypeError, not the client's, and a body that stalls is waited for.
const shown = [
  ['delay', { time: '2s' }, late],
  ['slow_first_byte', { time: '2s' }, late],
  ['hang', {}, late],
  ['lost_response', { how: 'hang' }, late],
  ['reset', {}, lost, 'ECONNRESET'],
  ['lost_response', {}, lost, 'ECONNRESET'],
  ['empty_reply', {}, lost, 'UND_ERR_SOCKET'],
  ['random_bytes', {}, lost, 'HPE_INVALID_CONSTANT'],
  ['raw_bytes', { text: 'no HTTP at all' }, lost, 'HPE_INVALID_CONSTANT'],
  ['redirect_loop', {}, lost],
  ['huge_header', {}, lost, 'UND_ERR_HEADERS_OVERFLOW'],
  ['reset_in_body', {}, TypeError, 'ECONNRESET', 'UND_ERR_SOCKET'], // as the bytes before it were read already or not
  ['truncated_body', {}, TypeError, 'UND_ERR_SOCKET'],
  ['wrong_length', {}, TypeError, 'UND_ERR_SOCKET'],
  ['stall', { most: '100ms' }, TypeError, 'UND_ERR_SOCKET'],
  ['malformed_chunk', {}, TypeError, 'HPE_INVALID_CHUNK_SIZE'],
  ['bad_gzip', {}, TypeError, 'Z_DATA_ERROR'],
  ['malformed_json', {}, SyntaxError],
  ['charset', { body: 'utf-16' }, SyntaxError],
  ['status', { status: 503 }, OzAPI.InternalServerError],
  ['status', { status: 401 }, OzAPI.AuthenticationError],
  ['lost_response', { how: '504' }, OzAPI.InternalServerError],
  ['rate_limit', { budget: 0 }, OzAPI.RateLimitError],
  ['vanish', {}, OzAPI.NotFoundError],
];
// It has what it asked for all the same; the last ones it does not look at.
const unnoticed = [
  ['bandwidth', { rate: 50000 }], ['dribble', { time: '400ms' }], ['slow_close', { time: '50ms' }], ['unannounced_close', {}],
  ['duplicate_header', {}], ['clock_skew', {}], ['schema_mutation', { breach: 'extra' }],
  ['schema_mutation', { breach: 'type', at: '/created_at' }], ['schema_mutation', { breach: 'drop', at: '/title' }],
];
const recovered = [
  ['reset', {}], ['empty_reply', {}], ['random_bytes', {}], ['status', { status: 500 }], ['status', { status: 429 }], ['hang', {}],
];

let mock, sessions = 0;
before(async () => (mock = await startMock('warp')));
after(() => mock?.stop());

/** A run in a session of its own, whose reads meet a fault. */
async function faulted(fault, parameters, options = {}, more = {}) {
  const session = `faults-${++sessions}`;
  const client = new OzAPI({
    apiKey: 'wk-test', baseURL: `${mock.url}/warp/api/v1`, maxRetries: 0,
    defaultHeaders: { 'X-Dryrun-Session': session }, ...options,
  });
  const id = (await client.agent.run({ prompt: 'fix the login test' })).run_id;
  await mock.admin('POST', '/faults', session, { fault, with: parameters, match: { operation: 'getRun' }, ...more });
  return { session, client, id, retrieve: () => client.agent.runs.retrieve(id) };
}

function causes(error) {
  return error ? [error.code, ...causes(error.cause)] : [];
}

for (const [kind, parameters, error, ...codes] of shown)
  test(`${kind} ${JSON.stringify(parameters)} is shown as ${error.name}${codes.length ? ` of ${codes.join(' or ')}` : ''}`, async () => {
    const { retrieve } = await faulted(kind, parameters, error === late ? { timeout: 300 } : {});
    await assert.rejects(retrieve, (raised) => {
      assert.equal(raised.constructor, error, String(raised));
      if (codes.length) assert.ok(codes.some((code) => causes(raised).includes(code)), causes(raised).join());
      return true;
    });
  });

for (const [kind, parameters] of unnoticed)
  test(`${kind} ${JSON.stringify(parameters)} is not noticed`, async () => {
    const { retrieve } = await faulted(kind, parameters);
    assert.equal((await retrieve()).state, 'QUEUED');
  });

test('a state that nobody has heard of is handed on, since the client does not validate', async () => {
  const { retrieve } = await faulted('schema_mutation', { breach: 'enum', at: '/state' });
  assert.equal((await retrieve()).state, 'NEVER_HEARD_OF');
});

test('another type than JSON comes as a text', async () => {
  const { retrieve } = await faulted('content_type', {});
  assert.equal(typeof (await retrieve()), 'string');
});

for (const [kind, parameters] of recovered)
  test(`after ${kind} ${JSON.stringify(parameters)} a retry of the client recovers`, async () => {
    const { session, retrieve } = await faulted(kind, parameters, { maxRetries: 1, ...(kind === 'hang' ? { timeout: 300 } : {}) }, { times: 1 });
    assert.equal((await retrieve()).state, 'QUEUED');
    assert.equal(await mock.count(session, { operation: 'getRun' }), 2);
  });

test('it gives up after as many 429s as it was told', async () => {
  const { session, retrieve } = await faulted('rate_limit', { budget: 0, retry_after: 'none' }, { maxRetries: 2 });
  await assert.rejects(retrieve, OzAPI.RateLimitError);
  assert.equal(await mock.count(session, { operation: 'getRun', status: 429 }), 3);
});

test('a retry of a start whose answer was lost leaves two runs', async () => {
  const { session, client } = await faulted('lost_response', {}, { maxRetries: 1 }, { times: 1, match: {} });
  const runs = async () => (await mock.admin('GET', '/resources?kind=run&limit=1000', session)).resources.length;
  const before = await runs();
  await client.agent.run({ prompt: 'once' });
  assert.equal(await runs(), before + 2);
});

test('a cancelled run plays on', async () => {
  const { session, client, id } = await faulted('cancel_ignored', {}, {}, { match: {} });
  await client.agent.runs.cancel(id);
  await mock.advance(session, '1h');
  assert.equal((await client.agent.runs.retrieve(id)).state, 'SUCCEEDED');
});

test('a poll sees the state before, and another goes back', async () => {
  const { session, retrieve } = await faulted('stale_read', {});
  await mock.admin('POST', '/faults', session, { fault: 'regress', match: { operation: 'getRun' } });
  await mock.advance(session, '10s');
  const seen = [];
  for (let i = 0; i < 4; i++) seen.push((await retrieve()).state);
  assert.deepEqual(seen, ['INPROGRESS', 'SUCCEEDED', 'INPROGRESS', 'SUCCEEDED']);
});
