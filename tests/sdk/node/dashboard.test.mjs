// SPDX-License-Identifier: Apache-2.0
// The dashboard as a person uses it: the page and its script from a running mock, in a DOM; what it shows and what its buttons do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser } from 'happy-dom';
import { startMock } from './mock.mjs';

let mock, browser;
before(async () => {
  mock = await startMock('warp');
  browser = new Browser({ settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true } });
});
after(async () => {
  const closed = browser.abort().then(() => browser.close()); // no page looks on
  await Promise.race([closed, pause(5000)]); // it waits for what pages had begun, now and then for ever
  await mock.stop();
});

/** The page of a session, once its script has shown the clock. */
async function open(session) {
  const page = browser.newPage();
  await page.goto(`${mock.url}/~${session}/__admin/dashboard`);
  const { document } = page.mainFrame.window;
  await until(() => document.getElementById('now').textContent.startsWith('2026-'), 'the clock is shown');
  return document;
}

async function until(holds, what) {
  for (const end = Date.now() + 20_000; !holds(); await pause(5))
    assert.ok(Date.now() < end, `never: ${what}`);
}

const start = (session, prompt, headers) => fetch(`${mock.url}/~${session}/warp/api/v1/agent/runs`, {
  method: 'POST', headers: { Authorization: 'Bearer any', 'Content-Type': 'application/json', ...headers }, body: JSON.stringify({ prompt }),
}).then((answer) => answer.json());

test('a browser that asks for the root is shown the dashboard; what else asks is told what is served', async () => {
  const shown = await fetch(`${mock.url}/~root/`, { headers: { Accept: 'text/html,*/*;q=0.8' }, redirect: 'manual' });
  assert.equal(shown.status, 302);
  assert.equal(shown.headers.get('location'), `${mock.url}/~root/__admin/dashboard`);
  assert.equal((await fetch(`${mock.url}/~root/`)).status, 404);
  assert.equal(await mock.count('root', {}), 1, 'a look is no request of the service');
});

test('nothing of the page may come from elsewhere or be run when a service says it', async () => {
  for (const [file, type] of [['', 'text/html'], ['/dashboard.js', 'text/javascript'], ['/dashboard.css', 'text/css']]) {
    const answer = await fetch(`${mock.url}/__admin/dashboard${file}`);
    assert.ok(answer.headers.get('content-type').startsWith(type));
    assert.match(answer.headers.get('content-security-policy'), /default-src 'none'; script-src 'self'/);
    assert.doesNotMatch(await answer.text(), /innerHTML|insertAdjacentHTML|document\.write|https?:\/\/(?!www\.w3\.org)/);
  }
  assert.equal((await fetch(`${mock.url}/__admin/dashboard/none.js`)).status, 404);
});

test('a run is followed: its state, its moves, its picture, the requests and why they were refused', async () => {
  const document = await open('follow');
  assert.equal(document.getElementById('cards').children.length, 0);
  assert.match(document.getElementById('providers').textContent, /\/~follow\/warp$/);
  const { run_id: id } = await start('follow', '<img src=x onerror=alert(1)>');
  await start('follow', 3);
  await until(() => document.querySelector('#cards .state'), 'the run is shown');
  assert.equal(document.querySelector('#cards .id').textContent, id);
  assert.equal(document.querySelector('#cards .state').textContent, 'QUEUED');
  await until(() => document.querySelectorAll('#requests tr').length === 2, 'both requests are shown');
  assert.match(document.getElementById('requests').textContent, /400.*\/prompt.*expected string.*200/s);
  document.querySelector('[data-by="10s"]').click();
  await until(() => document.querySelector('#cards .state').textContent === 'SUCCEEDED', 'time has passed');
  const moves = [...document.querySelectorAll('#cards .moves li')].map((item) => item.textContent);
  assert.equal(moves.length, 5);
  assert.match(moves[4], /INPROGRESS → SUCCEEDED success, .*fixtures\/warp\/outcomes\.yaml:\d+/);
  assert.match(document.querySelector('#cards img').getAttribute('src'), /^blob:/);
  document.querySelector('#requests tr:last-child').click();
  await until(() => document.querySelector('#detail pre').textContent, 'the exchange is shown');
  assert.match(document.querySelector('#detail pre').textContent, /<img src=x onerror/, 'as text');
  assert.equal(document.querySelector('#detail img'), null);
});

test('an outcome is forced, a fault added and removed, time held, the session begun anew', async () => {
  const document = await open('steer');
  const choose = (form, wanted) => {
    const select = document.querySelector(`#${form} select`);
    select.value = [...select.querySelectorAll('option')].find((option) => option.textContent.startsWith(wanted)).value;
    document.querySelector(`#${form} button`).click();
  };
  await until(() => document.querySelector('#fault option') && document.querySelector('#outcome option'), 'what there is to choose');
  choose('outcome', 'platform_error:');
  await until(() => /platform_error/.test(document.getElementById('forced').textContent), 'the outcome is forced');
  choose('fault', 'delay:');
  await until(() => /delay.*times 1/.test(document.getElementById('faults').textContent), 'the fault is there');
  document.querySelector('#faults button').click();
  await until(() => !document.getElementById('faults').children.length, 'the fault is gone');
  document.getElementById('freeze').click();
  await until(() => document.getElementById('freeze').textContent === 'thaw', 'time is held');
  assert.equal((await mock.admin('GET', '/clock', 'steer')).frozen, true);
  document.getElementById('freeze').click();
  await until(() => document.getElementById('freeze').textContent === 'freeze', 'time goes on');
  await start('steer', 'x');
  document.getElementById('idle').click();
  await until(() => document.querySelector('#cards .state')?.textContent === 'ERROR', 'the forced outcome was played');
  document.getElementById('reset').click();
  await until(() => !document.querySelector('#cards .state'), 'the session is new');
});

test('a picture is painted with the way that the resource has gone', async () => {
  const { run_id: id } = await start('painted', 'x', { 'X-Dryrun-Outcome': 'platform_error' });
  await mock.advance('painted', '10s');
  const answer = await fetch(`${mock.url}/~painted/__admin/resources/${id}/picture`);
  assert.equal(answer.headers.get('content-type'), 'image/svg+xml');
  const svg = await answer.text();
  assert.match(svg, /class="state end now met"><title>ERROR: 1 times/);
  assert.match(svg, /class="state met"><title>QUEUED: 1 times/);
  assert.match(svg, /class="state end"><title>SUCCEEDED</);
  assert.equal((await fetch(`${mock.url}/~painted/__admin/resources/none/picture`)).status, 404);
});
