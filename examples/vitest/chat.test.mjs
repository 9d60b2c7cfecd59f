// SPDX-License-Identifier: Apache-2.0
import { APIError } from '@letta-ai/letta-client';
import { beforeEach, expect, test, vi } from 'vitest';
import { say } from './chat.mjs';
import { openSession } from './session.mjs';

// The mock is born with two agents (fixtures/letta/resources.yaml): one is careful, and must ask before it deletes a file.
const plain = 'agent-00000000-0000-4000-8000-000000000001';
const careful = 'agent-00000000-0000-4000-8000-000000000002';

let session;
beforeEach(({ task }) => (session = openSession(task.name)));

test('a plain agent answers at once', async () => {
  const decide = vi.fn();
  expect(await say(session.client, plain, 'Hello.', decide)).not.toBe('');
  expect(decide).not.toHaveBeenCalled();
});

test('a careful one asks before it uses a tool', async () => {
  const decide = vi.fn(() => true);
  expect(await say(session.client, careful, 'Clean up.', decide)).not.toBe('');
  expect(decide).toHaveBeenCalledOnce();
  expect(decide.mock.calls[0][0].name).toBe('delete_file');
});

test('what is denied is not done', async () => {
  await say(session.client, careful, 'Clean up.', () => false);
  const { requests } = await session.admin('GET', 'requests?operation=send_message');
  expect(requests).toHaveLength(2);
  expect((await session.client.agents.retrieve(careful)).pending_approval).toBeNull();
});

test('an agent that waits for approval hears nothing else', async () => {
  const impatient = async () => {
    await session.client.agents.messages.create(careful, { input: 'And now?' });
  };
  await expect(say(session.client, careful, 'Clean up.', impatient)).rejects.toMatchObject({ status: 409 });
});

test.for([
  ['platform_error', 500],
  ['rate_limit', 429],
])('a run that ends in %s is the error of the client', async ([outcome, status]) => {
  await session.admin('POST', 'outcomes', { outcome });
  const error = await say(session.client, plain, 'Hello.', () => true).catch((caught) => caught);
  expect(error).toBeInstanceOf(APIError);
  expect(error.status).toBe(status);
});
