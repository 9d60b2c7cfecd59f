// SPDX-License-Identifier: Apache-2.0
// For each test a session of the mock, which is a world of its own, with the client that speaks to it.
import Letta from '@letta-ai/letta-client';

export const url = process.env.DRYRUN_URL;
if (!url) throw new Error('there is no mock: run `npm test`');

export function openSession(name) {
  const base = `${url}/~${name.replace(/[^\w.-]/g, '-').slice(0, 64)}`;
  return {
    client: new Letta({ baseURL: `${base}/letta`, maxRetries: 0 }), // the key is in the environment
    /** A call of the admin API, in this session. */
    async admin(method, path, body) {
      const answer = await fetch(`${base}/__admin/${path}`, {
        method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json();
    },
  };
}
