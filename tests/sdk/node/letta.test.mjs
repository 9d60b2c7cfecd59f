// SPDX-License-Identifier: Apache-2.0
// The official Node client of letta, unmodified, against a mock process: every method in scope (contracts/letta/SCOPE.md).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Letta from '@letta-ai/letta-client';
import { startMock, watchMethods } from './mock.mjs';

const [plain, careful] = [1, 2].map((n) => `agent-00000000-0000-4000-8000-00000000000${n}`);
const [readFile, deleteFile] = [1, 2].map((n) => `tool-00000000-0000-4000-8000-00000000000${n}`);
const seededRun = 'run-00000000-0000-4000-8000-000000000001';
const seededStep = 'step-00000000-0000-4000-8000-000000000001';
const seededMessage = 'message-00000000-0000-4000-8000-000000000002';
const hello = [{ role: 'user', content: 'Hello.' }];
const called = new Set();
const scope = /^(agents\.(create|delete|list|retrieve|update|messages\..*|tools\..*)|(conversations|messages|runs|steps|tools)\..*)$/;

let mock;
before(async () => (mock = await startMock('letta')));
after(() => mock?.stop());

/** Every method of the client in scope, by its path. */
function methodsInScope(client) {
  const found = [];
  const walk = (part, path) => {
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(part)))
      if (name !== 'constructor' && typeof part[name] === 'function') found.push(`${path}.${name}`);
    for (const [name, value] of Object.entries(part))
      if (name !== '_client' && value?._client) walk(value, `${path}.${name}`);
  };
  for (const root of ['agents', 'conversations', 'messages', 'runs', 'steps', 'tools']) walk(client[root], root);
  return found.filter((path) => scope.test(path)).sort();
}

let sessions = 0;

/** A client with a session, thus a world, of its own, and what a test does with runs. */
function world(options = {}) {
  const session = `node-${++sessions}`;
  const bare = new Letta({ apiKey: 'any', baseURL: `${mock.url}/~${session}/letta`, maxRetries: 0, ...options });
  const client = watchMethods(bare, 'Letta', called);
  const { agents, runs } = client;
  const self = {
    session, bare, client, agents, runs,
    advance: (by) => mock.advance(session, by),
    begin: async (outcome, body = {}, agent = plain) =>
      (await agents.messages.createAsync(agent, { messages: hello, ...body }, outcome && { headers: { 'X-Dryrun-Outcome': outcome } })).id,
    /** Polls as a program does, the clock moving between the polls. */
    async ended(id) {
      for (let i = 0; i < 100; i++) {
        const run = await runs.retrieve(id);
        if (['completed', 'failed', 'cancelled'].includes(run.status)) return run;
        await self.advance('2s');
      }
      assert.fail('the run does not end');
    },
    async conversation() {
      return (await client.conversations.create({ agent_id: plain })).id;
    },
    async said() {
      const talk = await self.conversation();
      const [ping] = await drain(await client.conversations.messages.create(talk, { messages: hello, background: true, streaming: true }));
      return [talk, ping.run_id];
    },
  };
  return self;
}

/** Every item of a list to its last page, or every event of a stream to its end. */
async function drain(result) {
  const items = [];
  for await (const item of await result) items.push(item);
  return items;
}

const types = (events) => events.map((event) => event.message_type);
const refused = (status, detail) => (error) => error.status === status && (!detail || detail.test(JSON.stringify(error.error)));

// By method: how it is called, and whether what it answers is right. Lists and streams are read to their end.
const calls = {
  'agents.create': [({ agents }) => agents.create({ name: 'made here' }), (agent) => agent.name === 'made here'],
  'agents.delete': [({ agents }) => agents.delete(plain), (answer) => answer === null],
  'agents.list': [({ agents }) => drain(agents.list()), (list) => list.length === 2],
  'agents.retrieve': [({ agents }) => agents.retrieve(plain), (agent) => agent.id === plain],
  'agents.update': [({ agents }) => agents.update(plain, { name: 'other' }), (agent) => agent.name === 'other'],
  'agents.messages.create': [({ agents }) => agents.messages.create(plain, { input: 'Hello.' }), (answer) => answer.stop_reason.stop_reason === 'end_turn'],
  'agents.messages.createAsync': [({ agents }) => agents.messages.createAsync(plain, { messages: hello }), (run) => run.status === 'created'],
  'agents.messages.stream': [async ({ agents }) => drain(await agents.messages.stream(plain, { messages: hello })), (events) => events.length === 5],
  'agents.messages.list': [({ agents }) => drain(agents.messages.list(plain)), (list) => list.length === 2],
  'agents.messages.cancel': [async ({ agents, begin }) => agents.messages.cancel(plain, { run_ids: [await begin('hang')] }),
    (map) => Object.values(map)[0] === 'cancelled'],
  'agents.messages.reset': [({ agents }) => agents.messages.reset(plain, {}), (agent) => agent.message_ids.length === 0],
  'agents.messages.compact': [({ agents }) => agents.messages.compact(plain, {}), (answer) => typeof answer.summary === 'string'],
  'agents.tools.attach': [({ agents }) => agents.tools.attach(deleteFile, { agent_id: plain }), (agent) => agent.tools.length === 2],
  'agents.tools.detach': [({ agents }) => agents.tools.detach(readFile, { agent_id: plain }), (agent) => agent.tools.length === 0],
  'agents.tools.list': [({ agents }) => drain(agents.tools.list(careful)), (list) => list.length === 2],
  'agents.tools.run': [({ agents }) => agents.tools.run('read_file', { agent_id: plain, args: {} }), (answer) => 'status' in answer],
  'conversations.create': [({ client }) => client.conversations.create({ agent_id: plain }), (talk) => talk.agent_id === plain],
  'conversations.list': [({ client }) => client.conversations.list({ agent_id: plain }), (list) => list.length === 1],
  'conversations.retrieve': [async ({ client, conversation }) => client.conversations.retrieve(await conversation()), (talk) => talk.agent_id === plain],
  'conversations.update': [async ({ client, conversation }) => client.conversations.update(await conversation(), { summary: 'new' }), (talk) => talk.summary === 'new'],
  'conversations.delete': [async ({ client, conversation }) => client.conversations.delete(await conversation()), (answer) => answer === null],
  'conversations.fork': [async ({ client, conversation }) => client.conversations.fork(await conversation()), (talk) => talk.agent_id === plain],
  'conversations.recompile': [async ({ client, conversation }) => client.conversations.recompile(await conversation(), {}), (text) => typeof text === 'string'],
  'conversations.cancel': [async ({ client, begin }) => (await begin('hang'), client.conversations.cancel('default', { agent_id: plain })),
    (map) => Object.values(map)[0] === 'cancelled'],
  'conversations.messages.create': [async ({ client, conversation }) => drain(await client.conversations.messages.create(await conversation(), { input: 'Hello.' })),
    (events) => types(events).at(-1) === 'usage_statistics'],
  'conversations.messages.list': [async ({ client, said }) => drain(client.conversations.messages.list((await said())[0])), (list) => list.length === 3],
  'conversations.messages.stream': [async ({ client, said }) => {
    const [talk, run] = await said();
    return drain(await client.conversations.messages.stream(talk, { run_id: run, starting_after: 1, include_pings: false }));
  }, (events) => events[0].seq_id === 2],
  'conversations.messages.compact': [async ({ client, conversation }) => client.conversations.messages.compact(await conversation(), {}), (answer) => typeof answer.summary === 'string'],
  'messages.list': [({ client }) => client.messages.list(), (list) => list.length === 2],
  'messages.retrieve': [({ client }) => client.messages.retrieve(seededMessage), ([message]) => message.id === seededMessage],
  'messages.search': [({ client }) => client.messages.search({ query: 'hello' }), Array.isArray],
  'runs.list': [({ runs }) => drain(runs.list({ limit: 2 })), (list) => list.length === 3],
  'runs.retrieve': [({ runs }) => runs.retrieve(seededRun), (run) => run.id === seededRun],
  'runs.messages.list': [({ runs }) => drain(runs.messages.list(seededRun)), (list) => list.length === 2],
  'runs.messages.stream': [async ({ runs, begin, ended }) => {
    const run = await begin();
    await ended(run);
    return drain(await runs.messages.stream(run, { starting_after: 0, include_pings: false }));
  }, (events) => events[0].seq_id === 1 && events.length === 4],
  'runs.usage.retrieve': [({ runs }) => runs.usage.retrieve(seededRun), (usage) => usage.total_tokens === 0],
  'runs.steps.list': [({ runs }) => drain(runs.steps.list(seededRun)), ([step]) => step.id === seededStep],
  'runs.trace.retrieve': [({ runs }) => runs.trace.retrieve(seededRun), (spans) => spans.length === 0],
  'steps.list': [({ client }) => drain(client.steps.list()), ([step]) => step.id === seededStep],
  'steps.retrieve': [({ client }) => client.steps.retrieve(seededStep), (step) => step.status === 'success'],
  'steps.metrics.retrieve': [({ client }) => client.steps.metrics.retrieve(seededStep), (metrics) => metrics.id === seededStep],
  'steps.trace.retrieve': [({ client }) => client.steps.trace.retrieve(seededStep), (trace) => trace === null],
  'steps.feedback.create': [({ client }) => client.steps.feedback.create(seededStep, { feedback: 'negative' }), (step) => step.feedback === 'negative'],
  'steps.messages.list': [({ client }) => drain(client.steps.messages.list(seededStep)), ([message]) => message.id === seededMessage],
  'tools.create': [({ client }) => client.tools.create({ source_code: 'def made_here(): pass' }), (tool) => typeof tool.id === 'string'],
  'tools.delete': [({ client }) => client.tools.delete(readFile), (answer) => answer === null],
  'tools.list': [({ client }) => drain(client.tools.list()), (list) => list.length === 2],
  'tools.retrieve': [({ client }) => client.tools.retrieve(readFile), (tool) => tool.name === 'read_file'],
  'tools.search': [({ client }) => client.tools.search({ query: 'file' }), Array.isArray],
  'tools.update': [({ client }) => client.tools.update(readFile, { description: 'reads' }), (tool) => tool.id === readFile],
  'tools.upsert': [({ client }) => client.tools.upsert({ source_code: 'def made_here(): pass' }), (tool) => typeof tool.id === 'string'],
};

describe('every method', () => {
  for (const [name, [call, isRight]] of Object.entries(calls))
    test(`${name} gets what it asks for`, async () => {
      const answer = await call(world());
      assert.ok(isRight(answer), JSON.stringify(answer));
    });

  test('agents.tools.updateApproval sends a name that the document does not know, and is refused', async () => {
    const { agents } = world();
    const asked = agents.tools.updateApproval('read_file', { agent_id: plain, body_requires_approval: true });
    await assert.rejects(asked, refused(422, /ModifyApprovalRequest/));
  });
});

describe('runs', () => {
  test('streams are read to their end and taken up again', async () => {
    const { agents, runs, advance } = world();
    const events = await drain(await agents.messages.create(plain, { messages: hello, streaming: true, background: true }));
    assert.deepEqual(types(events), ['ping', 'reasoning_message', 'assistant_message', 'stop_reason', 'usage_statistics']);
    const run = events[0].run_id;
    assert.deepEqual(events.slice(1, 3).map((event) => event.seq_id), [1, 2]);
    const rest = await drain(await runs.messages.stream(run, { starting_after: 2, include_pings: false }));
    assert.deepEqual(types(rest), ['stop_reason', 'usage_statistics']);
    await advance('3h');
    await assert.rejects(runs.messages.stream(run, {}), refused(410, /expired/));
  });

  test('a stream that fails raises', async () => {
    const { agents } = world();
    const stream = await agents.messages.stream(plain, { messages: hello }, { headers: { 'X-Dryrun-Outcome': 'rate_limit' } });
    await assert.rejects(drain(stream), /The model did not answer/);
  });

  test('an approval takes two runs', async () => {
    const { agents, runs } = world();
    const asked = await agents.messages.create(careful, { input: 'Delete it.' });
    assert.equal(asked.stop_reason.stop_reason, 'requires_approval');
    const call = asked.messages.at(-1).tool_call.tool_call_id;
    await assert.rejects(agents.messages.create(careful, { input: 'And now?' }), refused(409, /PENDING_APPROVAL/));
    const messages = [{ type: 'approval', approvals: [{ type: 'approval', tool_call_id: call, approve: false, reason: 'no' }] }];
    const answer = await agents.messages.create(careful, { messages });
    assert.deepEqual([answer.messages[0].message_type, answer.messages[0].status], ['tool_return_message', 'error']);
    assert.notEqual(answer.usage.run_ids[0], asked.usage.run_ids[0]);
    assert.equal((await runs.retrieve(asked.usage.run_ids[0])).stop_reason, 'requires_approval');
  });

  test('cancelling answers a verdict for each run', async () => {
    const { agents, begin, ended } = world();
    await assert.rejects(agents.messages.cancel(plain), refused(409, /No active runs/));
    const [done, hang] = [await begin(), await begin('hang')];
    await ended(done);
    assert.deepEqual(await agents.messages.cancel(plain, { run_ids: [done, hang, 'nope'] }), { [done]: 'cancelled', [hang]: 'cancelled', nope: 'failed' });
  });

  test('lists walk to their end', async () => {
    const { runs, begin } = world();
    const wanted = [];
    for (let i = 0; i < 5; i++) wanted.push(await begin('waiting'));
    assert.deepEqual((await drain(runs.list({ limit: 2, order: 'asc', active: true }))).map((run) => run.id), wanted);
    assert.deepEqual((await drain(runs.list({ limit: 2, active: true }))).map((run) => run.id), wanted.reverse());
  });

  test('errors are typed', async () => {
    const { agents, runs } = world();
    await assert.rejects(agents.retrieve('agent-11111111-1111-4111-8111-111111111111'), Letta.NotFoundError);
    await assert.rejects(runs.retrieve('nope'), Letta.BadRequestError);
    await assert.rejects(agents.messages.create(plain, {}), Letta.UnprocessableEntityError);
    await assert.rejects(runs.list({ limit: 0 }), Letta.UnprocessableEntityError);
    const limited = agents.messages.create(plain, { input: 'x' }, { headers: { 'X-Dryrun-Outcome': 'rate_limit' } });
    await assert.rejects(limited, Letta.RateLimitError);
  });
});

test('every method was called', () => {
  const missing = methodsInScope(world().bare).filter((path) => !called.has(`Letta.${path}`));
  assert.deepEqual(missing, []);
});
