// SPDX-License-Identifier: Apache-2.0
// The code under test: says something to an agent, and lets `decide` answer when the agent wants to use a tool that needs approval.

/** What the agent says in the end. `decide(call)` gets { name, arguments } and answers whether the tool may be used. */
export async function say(client, agent, text, decide) {
  let answer = await client.agents.messages.create(agent, { input: text });
  while (answer.stop_reason.stop_reason === 'requires_approval') {
    const asked = answer.messages.find((message) => message.message_type === 'approval_request_message');
    const approve = await decide(asked.tool_call);
    answer = await client.agents.messages.create(agent, {
      messages: [{ type: 'approval', approvals: [{ type: 'approval', tool_call_id: asked.tool_call.tool_call_id, approve }] }],
    });
  }
  return answer.messages.filter((message) => message.message_type === 'assistant_message').map((message) => message.content).join('\n');
}
