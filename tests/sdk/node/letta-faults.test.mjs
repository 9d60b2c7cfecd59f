// SPDX-License-Identifier: Apache-2.0
// What the official Node client of letta, unmodified, shows of faults of streams: what it iterates over, and what it throws.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Letta from '@letta-ai/letta-client';
import { startMock } from './mock.mjs';

const plain = 'agent-00000000-0000-4000-8000-000000000001';
const whole = ['ping', 'reasoning_message', 'assistant_message', 'stop_reason', 'usage_statistics'];
const rows = [
  ['stream_cut', { after: 2 }, whole.slice(0, 2), TypeError],
  ['stream_cut', { after: 2, how: 'reset' }, whole.slice(0, 2), TypeError],
  ['stream_cut', { after: 2, how: 'end' }, whole.slice(0, 2)],
  ['stream_stall', { after: 1, time: '100ms' }, whole],
  ['duplicate_event', { event: 2 }, [whole[0], whole[1], ...whole.slice(1)]],
  ['reorder_events', { event: 2 }, [whole[0], whole[2], whole[1], ...whole.slice(3)]],
  ['missing_terminal', { what: 'marker' }, whole],
];

let mock, sessions = 0;
before(async () => (mock = await startMock('letta')));
after(() => mock?.stop());

for (const [fault, parameters, given, error] of rows)
  test(`${fault} ${JSON.stringify(parameters)}: ${given.length} messages${error ? `, then ${error.name}` : ''}`, async () => {
    const session = `faults-${++sessions}`;
    const client = new Letta({ apiKey: 'any', baseURL: `${mock.url}/~${session}/letta`, maxRetries: 0 });
    await mock.admin('POST', '/faults', session, { fault, with: parameters });
    const seen = [];
    let raised;
    try {
      for await (const event of await client.agents.messages.create(plain, { messages: [{ role: 'user', content: 'Hello.' }], streaming: true }))
        seen.push(event.message_type);
    } catch (thrown) {
      raised = thrown.constructor;
    }
    assert.deepEqual(seen, given);
    assert.equal(raised, error);
  });
