// SPDX-License-Identifier: Apache-2.0
// Agents through the official Node client, unmodified: each method, typed values and errors, streams to their end,
// pollers. Over plain http the client sends no credential; over https, with the mock's own certificate, a token.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { AgentsClient } from '@azure/ai-agents';
import { noteReached, startMock } from './mock.mjs';

const began = Date.parse('2026-01-01T00:00:00Z');
const helper = 'asst_000000000000000000000001';
const weather = 'asst_000000000000000000000002';
const groups = ['runs', 'runSteps', 'messages', 'threads', 'files', 'vectorStores', 'vectorStoreFiles', 'vectorStoreFileBatches'];
const polling = { pollingOptions: { intervalInMs: 1 } };

let mock, pacing; // with `pacing` each request takes 200 ms of its world: for clients that poll
before(async () => {
  [mock, pacing] = await Promise.all([startMock('azure-agents'), startMock('azure-agents', '--step', '200ms')]);
});
after(() => Promise.all([mock?.stop(), pacing?.stop()]));

const called = new Set();
const known = new Set();

function watch(name, group) {
  const own = Object.keys(group).concat(Object.getOwnPropertyNames(Object.getPrototypeOf(group)))
    .filter((key) => key !== 'constructor' && typeof group[key] === 'function' && Object.getPrototypeOf(group) !== null);
  for (const key of new Set(own)) if (key in group && !(key in Object.prototype)) known.add(`${name}.${key}`);
  return new Proxy(group, {
    get(target, key) {
      if (typeof target[key] !== 'function') return target[key];
      const label = `${name}.${String(key)}`;
      if (!called.has(label)) noteReached('method', `AgentsClient.${label}`);
      called.add(label);
      return target[key].bind(target);
    },
  });
}

let sessions = 0;

/** A client with a session, thus a world, of its own. */
function world(server = mock, credential, options = { allowInsecureConnection: true }) {
  const session = `node-${++sessions}`;
  let sent;
  const client = new AgentsClient(`${server.url}/azure-agents/api/projects/demo`, credential, {
    retryOptions: { maxRetries: 0 }, ...options,
    additionalPolicies: [{
      position: 'perCall',
      policy: {
        name: 'session',
        sendRequest: (request, next) => (request.headers.set('X-Dryrun-Session', session), (sent = request), next(request)),
      },
    }],
  });
  const self = { session, client: watch('client', client), sent: () => sent };
  for (const group of groups) self[group] = watch(group, client[group]);
  const headers = (outcome) => ({ requestOptions: { headers: { 'X-Dryrun-Outcome': outcome } } });
  Object.assign(self, {
    headers,
    advance: (by) => server.advance(session, by),
    async bring(state, outcome, assistant = helper) {
      const thread = await self.threads.create();
      const run = await self.runs.create(thread.id, assistant, headers(outcome));
      assert.equal(run.status, 'queued');
      for (let i = 0; i < 100; i++) {
        const now = await self.runs.get(thread.id, run.id);
        if (now.status === state) return now;
        await self.advance(i < 50 ? '100ms' : '60s');
      }
      return assert.fail(`no run is ${state}`);
    },
  });
  return self;
}

async function refuses(call, statusCode, text) {
  await assert.rejects(async () => await call, (error) => { // some calls are only begun when they are awaited
    assert.equal(error.name, 'RestError', String(error.stack));
    assert.equal(error.statusCode, statusCode);
    assert.match(error.message, text);
    return true;
  });
}

async function events(stream) {
  const seen = [];
  for await (const event of stream) seen.push(event);
  return seen;
}

const names = (seen) => seen.map((event) => event.event);

describe('assistants, threads, messages', () => {
  test('an assistant from its making to its end', async () => {
    const { client } = world();
    const made = await client.createAgent('gpt-4o', { name: 'n', instructions: 'i', temperature: 0.5, metadata: { a: 'b' },
      tools: [{ type: 'code_interpreter' }, { type: 'file_search', fileSearch: { maxNumResults: 3 } }],
      toolResources: { codeInterpreter: { fileIds: [] } }, responseFormat: { type: 'json_object' } });
    assert.deepEqual([made.name, made.description, made.temperature, made.topP], ['n', null, 0.5, 1]);
    assert.deepEqual(made.createdAt.getTime(), began);
    assert.equal(made.tools[1].fileSearch.maxNumResults, 3);
    assert.deepEqual(await client.getAgent(made.id), made);
    const changed = await client.updateAgent(made.id, { name: 'm', metadata: { c: 'd' } });
    assert.deepEqual([changed.name, changed.instructions, changed.metadata], ['m', 'i', { c: 'd' }]);
    const ids = await Array.fromAsync(client.listAgents({ limit: 2 }), (agent) => agent.id);
    assert.deepEqual(ids, [made.id, weather]); // this client asks for the first page only
    assert.deepEqual(await Array.fromAsync(client.listAgents({ after: weather }), (agent) => agent.id), [helper]);
    assert.deepEqual(await Array.fromAsync(client.listAgents({ after: helper })), []);
    assert.deepEqual(await client.deleteAgent(made.id), { id: made.id, deleted: true, object: 'assistant.deleted' });
    await refuses(client.getAgent(made.id), 404, /^No assistant found with id 'asst_/);
    await refuses(client.createAgent('gpt-4o', { metadata: { a: 'v'.repeat(513) } }), 400, /metadata/);
    await refuses(client.createAgent('gpt-4o', { responseFormat: 'none' }), 400, /that form/);
  });

  test('threads and messages', async () => {
    const { threads, messages } = world();
    const thread = await threads.create({ messages: [{ role: 'user', content: 'first' }], metadata: { a: 'b' } });
    assert.deepEqual([thread.metadata, thread.createdAt.getTime()], [{ a: 'b' }, began]);
    const said = await messages.create(thread.id, 'user', [{ type: 'text', text: 'second' },
      { type: 'image_file', imageFile: { fileId: 'assistant-0000000000000000000001' } }]);
    assert.deepEqual([said.status, said.role, said.completedAt.getTime(), said.incompleteAt], ['completed', 'user', began, null]);
    assert.equal(said.content[1].imageFile.fileId, 'assistant-0000000000000000000001');
    const texts = await Array.fromAsync(messages.list(thread.id, { order: 'asc' }), (one) => one.content[0].text.value);
    assert.deepEqual(texts, ['first', 'second']);
    assert.deepEqual((await messages.update(thread.id, said.id, { metadata: { c: 'd' } })).metadata, { c: 'd' });
    assert.deepEqual((await messages.get(thread.id, said.id)).metadata, { c: 'd' });
    assert.deepEqual((await threads.update(thread.id, { metadata: { e: 'f' } })).metadata, { e: 'f' });
    assert.deepEqual((await threads.get(thread.id)).metadata, { e: 'f' });
    assert.equal((await Array.fromAsync(threads.list({ limit: 100 })))[0].id, thread.id);
    assert.equal((await threads.delete(thread.id)).deleted, true);
    await refuses(threads.get(thread.id), 404, /^No thread found/);
    await refuses(Array.fromAsync(messages.list(thread.id)), 404, /Pagination failed with unexpected statusCode 404/);
  });
});

describe('runs', () => {
  test('a run completes, and its times are those of its states', async () => {
    const { bring, runs, runSteps, messages } = world();
    const run = await bring('completed', 'complete');
    assert.deepEqual([run.createdAt, run.startedAt <= run.completedAt, run.expiresAt, run.cancelledAt, run.failedAt],
      [new Date(began), true, null, null, null]);
    assert.deepEqual(run.usage, { promptTokens: 10, completionTokens: 5, totalTokens: 15 });
    const [step] = await Array.fromAsync(runSteps.list(run.threadId, run.id));
    assert.deepEqual([step.type, step.status, step.usage.totalTokens], ['message_creation', 'completed', 15]);
    assert.deepEqual(await runSteps.get(run.threadId, run.id, step.id), step);
    const [said] = await Array.fromAsync(messages.list(run.threadId, { runId: run.id }));
    assert.equal(said.id, step.stepDetails.messageCreation.messageId);
    assert.deepEqual([said.role, said.assistantId, said.content[0].text.value], ['assistant', helper, 'Hello from dryrun.']);
    assert.deepEqual((await runs.update(run.threadId, run.id, { metadata: { a: 'b' } })).metadata, { a: 'b' });
    assert.deepEqual(await Array.fromAsync(runs.list(run.threadId), (one) => one.id), [run.id]);
  });

  for (const [outcome, state, check] of [
    ['fail', 'failed', (run) => run.lastError.code === 'server_error' && run.failedAt instanceof Date],
    ['rate_limit', 'failed', (run) => run.lastError.code === 'rate_limit_exceeded'],
    ['hang', 'expired', (run) => run.expiresAt.getTime() === began + 600_000],
    ['slow', 'completed', (run) => run.completedAt - run.startedAt >= 540_000],
  ]) {
    test(`${outcome} ends as ${state}`, async () => {
      const run = await world().bring(state, outcome);
      assert.ok(check(run), JSON.stringify(run));
    });
  }

  test('functions are called, answered all at once, and answered for ever', async () => {
    const { bring, runs, runSteps, advance } = world();
    const run = await bring('requires_action', 'call_functions', weather);
    const [call] = run.requiredAction.submitToolOutputs.toolCalls;
    assert.deepEqual([call.type, call.function.name, JSON.parse(call.function.arguments)],
      ['function', 'get_weather', { city: 'some city', unit: 'celsius' }]);
    await refuses(runs.submitToolOutputs(run.threadId, run.id, [{ toolCallId: 'call_x', output: '' }]), 400,
      /^Expected tool outputs for call_ids \['call_\w+'\], got \['call_x'\]$/);
    const outputs = [{ toolCallId: call.id, output: 'sunny' }];
    const queued = await runs.submitToolOutputs(run.threadId, run.id, outputs);
    assert.deepEqual([queued.status, queued.requiredAction], ['queued', null]);
    await refuses(runs.submitToolOutputs(run.threadId, run.id, outputs), 400, /^Runs in status "queued" do not accept tool outputs\.$/);
    await advance('5s');
    assert.equal((await runs.get(run.threadId, run.id)).status, 'completed');
    const steps = await Array.fromAsync(runSteps.list(run.threadId, run.id, { order: 'asc' }));
    assert.deepEqual(steps.map((step) => step.type), ['tool_calls', 'message_creation']);
    assert.equal(steps[0].stepDetails.toolCalls[0].function.name, 'get_weather');
  });

  test('what a search found is shown to those that ask for it', async () => {
    const { threads, runs, runSteps, advance } = world();
    const thread = await threads.create();
    const run = await runs.create(thread.id, helper, { tools: [{ type: 'file_search' }, { type: 'code_interpreter' }],
      toolResources: { fileSearch: { vectorStoreIds: ['vs_000000000000000000000001'] } } });
    await advance('5s');
    const found = (step) => step.stepDetails.toolCalls[0].fileSearch.results[0];
    const asking = { include: ['step_details.tool_calls[*].file_search.results[*].content'] };
    const [brief] = await Array.fromAsync(runSteps.list(thread.id, run.id, { order: 'asc' }));
    assert.deepEqual([found(brief).fileName, found(brief).content], ['notes.txt', undefined]);
    assert.deepEqual(brief.stepDetails.toolCalls[1].codeInterpreter.outputs, [{ type: 'logs', logs: '42\n' }]);
    const [whole] = await Array.fromAsync(runSteps.list(thread.id, run.id, { order: 'asc', ...asking }));
    assert.equal(found(whole).content[0].type, 'text');
    assert.deepEqual(await runSteps.get(thread.id, run.id, whole.id, asking), whole);
  });

  test('cancel, and what it refuses', async () => {
    const { bring, runs, messages, advance } = world();
    const run = await bring('in_progress', 'hang');
    await refuses(messages.create(run.threadId, 'user', 'now?'), 400, /^Can't add messages to thread_\w+ while a run run_\w+ is active\.$/);
    await refuses(runs.create(run.threadId, helper), 400, /^Thread thread_\w+ already has an active run run_\w+\.$/);
    assert.equal((await runs.cancel(run.threadId, run.id)).status, 'cancelling');
    await refuses(runs.cancel(run.threadId, run.id), 400, /^Cannot cancel run with status 'cancelling'\.$/);
    await advance('1s');
    const ended = await runs.get(run.threadId, run.id);
    assert.deepEqual([ended.status, ended.cancelledAt instanceof Date, ended.completedAt], ['cancelled', true, null]);
    await refuses(runs.cancel(run.threadId, run.id), 400, /^Cannot cancel run with status 'cancelled'\.$/);
    await refuses(runs.create(run.threadId, 'asst_X'), 404, /^No assistant found with id 'asst_X'\.$/);
  });

  test('the poller goes to the end, and tells of failures', async () => {
    const { threads, runs, headers } = world(pacing);
    const thread = await threads.create();
    const done = await runs.createAndPoll(thread.id, helper, polling).pollUntilDone();
    assert.equal(done.status, 'completed');
    await assert.rejects(runs.createAndPoll(thread.id, helper, { ...polling, ...headers('fail') }).pollUntilDone(), /Sorry, something went wrong/);
  });
});

describe('streams', () => {
  const plain = ['thread.run.created', 'thread.run.queued', 'thread.run.in_progress', 'thread.run.step.created', 'thread.run.step.in_progress',
    'thread.message.created', 'thread.message.in_progress', 'thread.message.delta', 'thread.message.delta', 'thread.message.completed',
    'thread.run.step.completed', 'thread.run.completed', 'done'];

  test('a run from its making to its end', async () => {
    const { threads, runs } = world();
    const thread = await threads.create();
    const seen = await events(await runs.create(thread.id, helper).stream());
    assert.deepEqual(names(seen), plain);
    const deltas = seen.filter((event) => event.event === 'thread.message.delta').map((event) => event.data.delta.content[0].text.value);
    assert.equal(deltas.join(''), seen[9].data.content[0].text.value);
    assert.deepEqual([seen[0].data.status, seen[11].data.status, seen[12].data], ['queued', 'completed', '[DONE]']);
  });

  test('a thread and a run in one', async () => {
    const { runs } = world();
    const seen = await events(await runs.createThreadAndRun(helper, { thread: { messages: [{ role: 'user', content: 'Hi' }] } }).stream());
    assert.deepEqual(names(seen), ['thread.created', ...plain]);
    const run = await runs.createThreadAndRun(helper);
    assert.equal(run.status, 'queued');
  });

  test('arguments come in pieces, and outputs go on with another stream', async () => {
    const { threads, runs } = world();
    const thread = await threads.create();
    const seen = await events(await runs.create(thread.id, weather).stream());
    const run = seen.at(-2).data;
    assert.deepEqual(names(seen).slice(-2), ['thread.run.requires_action', 'done']);
    const pieces = seen.filter((event) => event.event === 'thread.run.step.delta')
      .map((event) => event.data.delta.stepDetails.toolCalls[0].function.arguments);
    const [call] = run.requiredAction.submitToolOutputs.toolCalls;
    assert.equal(pieces.join(''), call.function.arguments);
    const rest = await events(await runs.submitToolOutputs(thread.id, run.id, [{ toolCallId: call.id, output: 'rain' }]).stream());
    assert.deepEqual(names(rest).slice(0, 3), ['thread.run.step.completed', 'thread.run.queued', 'thread.run.in_progress']);
    assert.deepEqual(names(rest).slice(-2), ['thread.run.completed', 'done']);
  });

  test('an error in a stream is an event', async () => {
    const { threads, runs, headers } = world();
    const seen = await events(await runs.create((await threads.create()).id, helper, headers('break_stream')).stream());
    const error = seen.find((event) => event.event === 'error');
    assert.equal(error.data.error.message, 'Sorry, something went wrong.');
    assert.deepEqual(names(seen).slice(-2), ['thread.run.failed', 'done']);
  });
});

describe('files and vector stores', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const upload = (files, content, options = {}) =>
    files.upload(Readable.from([content]), 'assistants', { fileName: 'b.bin', ...polling, ...options });

  async function whole(method) {
    const response = await method.asNodeStream();
    return Buffer.concat(await Array.fromAsync(response.body));
  }

  test('a file goes up, is listed, comes down, goes', async () => {
    const { files } = world(pacing);
    const file = await upload(files, bytes);
    assert.deepEqual([file.bytes, file.filename, file.purpose], [256, 'b.bin', 'assistants']);
    assert.deepEqual(await whole(files.getContent(file.id)), bytes);
    const seen = await files.list({ purpose: 'assistants' });
    assert.ok(seen.data.some((one) => one.id === file.id));
    assert.equal((await files.get(file.id)).status, 'processed');
    assert.equal((await files.delete(file.id)).deleted, true);
    await refuses(files.get(file.id), 404, /^No file found/);
    const polled = await files.uploadAndPoll(Readable.from([bytes]), 'assistants', { fileName: 'c', ...polling }).pollUntilDone();
    assert.equal(polled.bytes, 256);
  });

  test('vector stores and their files', async () => {
    const { files, vectorStores, vectorStoreFiles } = world(pacing);
    const file = await upload(files, bytes);
    const store = await vectorStores.create({ name: 's', expiresAfter: { anchor: 'last_active_at', days: 2 }, ...polling });
    assert.deepEqual([store.name, store.fileCounts.total], ['s', 0]);
    const filled = await vectorStores.createAndPoll({ fileIds: [file.id], ...polling }).pollUntilDone();
    assert.deepEqual([filled.status, filled.fileCounts.completed, filled.usageBytes], ['completed', 1, 256]);
    assert.equal((await vectorStores.update(store.id, { name: 't' })).name, 't');
    assert.equal((await vectorStores.get(store.id)).name, 't');
    assert.equal((await Array.fromAsync(vectorStores.list()))[0].id, filled.id);
    const added = await vectorStoreFiles.create(store.id, { fileId: file.id, ...polling });
    assert.deepEqual([added.id, added.vectorStoreId], [file.id, store.id]);
    const polled = await vectorStoreFiles.createAndPoll(store.id, { fileId: file.id, ...polling }).pollUntilDone();
    assert.equal(polled.status, 'completed');
    assert.equal((await vectorStoreFiles.get(store.id, file.id)).chunkingStrategy.type, 'static');
    assert.equal((await Array.fromAsync(vectorStoreFiles.list(store.id, { filter: 'completed' }))).length, 1);
    assert.equal((await vectorStoreFiles.delete(store.id, file.id)).deleted, true);
    await refuses(vectorStoreFiles.get(store.id, file.id), 404, /^No vector store file found/);
    assert.equal((await vectorStoreFiles.get(filled.id, file.id)).status, 'completed');
    assert.equal((await vectorStores.delete(store.id)).deleted, true);
  });

  test('batches', async () => {
    const { session, files, vectorStores, vectorStoreFileBatches: batches } = world(pacing);
    const file = await upload(files, bytes);
    const store = await vectorStores.create({ name: 's', ...polling });
    // the client's own call comes back only when nothing is in progress any more
    const made = await fetch(`${pacing.url}/azure-agents/vector_stores/${store.id}/file_batches?api-version=v1`, {
      method: 'POST', body: JSON.stringify({ file_ids: [file.id] }),
      headers: { 'Content-Type': 'application/json', 'X-Dryrun-Session': session, 'X-Dryrun-Outcome': 'store_file=hang' },
    });
    const batch = await made.json();
    assert.deepEqual([batch.status, batch.file_counts.in_progress], ['in_progress', 1]);
    assert.equal((await batches.cancel(store.id, batch.id)).status, 'cancelled');
    assert.equal((await batches.get(store.id, batch.id)).fileCounts.cancelled, 1);
    assert.deepEqual(await Array.fromAsync(batches.list(store.id, batch.id), (one) => [one.id, one.status]), [[file.id, 'cancelled']]);
    const second = await vectorStores.create({ name: 'u', ...polling });
    assert.equal((await batches.create(second.id, { fileIds: [], ...polling })).status, 'completed');
    const done = await batches.createAndPoll(second.id, { fileIds: [file.id], ...polling }).pollUntilDone();
    assert.deepEqual([done.status, done.fileCounts.completed], ['completed', 1]);
  });
});

describe('https', () => {
  test('a token goes along, over a certificate of the mock', async () => {
    const tls = await startMock('azure-agents', '--tls');
    try {
      const credential = { getToken: async (scope) => ({ token: `for ${scope}`, expiresOnTimestamp: Date.now() + 3_600_000 }) };
      const { threads, runs, sent } = world(tls, credential, { tlsOptions: { ca: tls.ca } });
      const seen = await events(await runs.create((await threads.create()).id, helper).stream());
      assert.equal(seen.at(-2).data.status, 'completed');
      assert.equal(sent().headers.get('authorization'), 'Bearer for https://ai.azure.com/.default');
    } finally {
      await tls.stop();
    }
  });
});

test('no method of the client was forgotten', () => {
  assert.equal(known.size, 46, [...known].join(' '));
  assert.deepEqual([...known].filter((name) => !called.has(name)), []);
});
