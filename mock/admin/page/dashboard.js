// SPDX-License-Identifier: Apache-2.0
// Shows one session and steers it, by the admin API alone. Asks twice a second whether anything has happened, and reads
// the rest only when it has. Whatever a service said is put in as text, never as HTML.
'use strict';

const base = location.pathname.replace(/\/dashboard\/?$/, ''); // "/__admin", or "/~NAME/__admin"
const shownRequests = 60, shownResources = 12;
const $ = (id) => document.getElementById(id);
const seen = { last: -1, events: -1, sessions: undefined, kinds: false };
const pictures = new Map(); // of a resource: { moves, url }

/** An element with attributes and children; texts stay texts. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {}))
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const token = sessionStorage.getItem('token');
  if (token) headers['X-Dryrun-Admin-Token'] = token;
  const answer = await fetch(base + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({ title: `status ${answer.status}` }));
  const error = new Error([problem.title, problem.detail, ...(problem.problems ?? [])].filter(Boolean).join('\n'));
  error.status = answer.status;
  throw error;
}

const read = async (path) => (await ask('GET', path)).json();

function tell(error) {
  $('problem').hidden = !error;
  $('problem').textContent = error ? (error.status ? error.message : 'The mock does not answer: has it ended?') : '';
  $('token').hidden = !(error?.status === 403);
}

/** Something that a person asked for, and then what it did. */
async function steer(method, path, body) {
  try {
    await ask(method, path, body);
    seen.last = -1;
    await look();
  } catch (error) {
    tell(error);
  }
}

const timeOf = (instant) => instant.replace(/^.*T/, '').replace(/Z$/, '');
const classOf = (status) => (status >= 500 ? 'failed' : status >= 400 ? 'refused' : status >= 300 ? 'moved' : 'ok');

function showClock(clock) {
  $('now').textContent = clock.now.replace('T', ' ').replace('Z', '');
  $('mode').textContent = clock.mode + (clock.scale ? ` ×${clock.scale}` : '') + (clock.frozen ? ', frozen' : '') +
    (clock.events_to_come ? `, ${clock.events_to_come} to come` : '');
  $('freeze').textContent = clock.frozen ? 'thaw' : 'freeze';
}

async function showDetail(number) {
  const exchange = await read(`/requests/${number}`);
  $('detail').querySelector('h2').textContent = `#${number} ${exchange.method} ${exchange.target}: ${exchange.status}`;
  $('detail').querySelector('pre').textContent = JSON.stringify(exchange, null, 2);
  $('detail').showModal();
}

function requestRow(entry) {
  const open = () => showDetail(entry.exchange).catch(tell);
  return make('tr', { tabindex: 0, onclick: open, onkeydown: (event) => event.key === 'Enter' && open() },
    make('td', {}, String(entry.exchange)), make('td', { class: 'at' }, timeOf(entry.at)),
    make('td', { class: `status ${classOf(entry.status)}` }, entry.status ? String(entry.status) : '–'),
    make('td', {}, make('code', {}, `${entry.method} ${entry.target}`),
      make('div', { class: 'soft' }, [entry.operation, entry.remark ?? entry.rule].filter(Boolean).join(': '))));
}

function moveLine(move) {
  const why = [move.cause, move.exchange && `#${move.exchange}`, move.rule].filter(Boolean).join(', ');
  return make('li', { value: move.number }, make('code', {}, timeOf(move.at)), ` ${move.from} → ${move.to} `, make('span', { class: 'soft' }, why));
}

async function picture(key, path, moves) {
  const old = pictures.get(key);
  if (old?.moves === moves) return old.url;
  const url = URL.createObjectURL(await (await ask('GET', path)).blob());
  if (old) URL.revokeObjectURL(old.url);
  pictures.set(key, { moves, url });
  return url;
}

async function card(touched, isFirst) {
  const query = `?provider=${encodeURIComponent(touched.provider)}`, path = `/resources/${encodeURIComponent(touched.id)}`;
  const story = await read(`${path}/history${query}`);
  const key = `${touched.provider} ${touched.id}`, old = $('cards').querySelector(`[data-key="${CSS.escape(key)}"]`);
  const machine = machines.get(`${touched.provider} ${story.machine}`), state = machine?.get(story.state);
  const details = make('details', { 'data-key': key, open: old ? old.open : isFirst },
    make('summary', {}, `${touched.provider} ${story.kind ?? ''}`, make('span', { class: 'id' }, story.id),
      make('span', { class: `state${state?.terminal ? ' end' : state?.waits ? ' waits' : ''}` }, story.state)));
  const fill = async () => {
    if (!details.open || details.children.length > 1) return;
    details.append(make('ol', { class: 'moves' }, ...story.moves.map(moveLine)));
    if (!story.machine || machine.size < 2) return;
    const count = story.moves.length + (story.moves_dropped ?? 0);
    details.firstChild.after(make('img', { alt: `the states of ${story.id}`, src: await picture(key, `${path}/picture${query}`, count) }));
  };
  details.addEventListener('toggle', () => fill().catch(tell));
  await fill();
  return details;
}

/** The newest resources that requests touched, each once. */
function touchedBy(requests) {
  const found = new Map();
  for (const entry of requests)
    for (const touched of entry.touched ?? [])
      if (!found.has(touched.id)) found.set(touched.id, { ...touched, provider: entry.provider });
  return [...found.values()].slice(0, shownResources);
}

async function showRequests() {
  const { requests, total } = await read(`/requests?order=newest&limit=${shownRequests}`);
  $('requests').replaceChildren(...requests.map(requestRow));
  $('total').textContent = total > requests.length ? `the newest ${requests.length} of ${total}` : '';
  const cards = [];
  for (const touched of touchedBy(requests))
    try {
      cards.push(await card(touched, cards.length === 0));
    } catch (error) {
      if (error.status !== 404 && error.status !== 409) throw error; // gone, or an id that several kinds use
    }
  $('cards').replaceChildren(...cards);
  $('nothing').hidden = $('providers').hidden = cards.length > 0;
}

function ruleLine(rule) {
  const { id, fault, plan, matched, applied, ...rest } = rule;
  const more = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(', ');
  return make('li', {}, `${fault}${plan ? ` (${plan})` : ''} `, make('span', { class: 'soft' }, `${more} – ${applied} of ${matched} `),
    make('button', { type: 'button', onclick: () => steer('DELETE', `/faults/${id}`) }, 'remove'));
}

function options(select, groups) {
  select.replaceChildren(...Object.entries(groups).map(([label, rows]) =>
    make('optgroup', { label }, ...rows.map(({ value, text, title }) => make('option', { value, title }, text)))));
}

function grouped(rows, groupOf) {
  const groups = {};
  for (const row of rows) (groups[groupOf(row)] ??= []).push(row);
  return groups;
}

async function showWhatComes() {
  const [faults, outcomes] = [await read('/faults'), await read('/outcomes')];
  $('faults').replaceChildren(...faults.rules.map(ruleLine));
  $('forced').replaceChildren(...outcomes.forced.map((row) => make('li', {}, `${row.provider ?? ''} ${row.machine ?? ''} `,
    make('strong', {}, row.outcome), ` forced ${row.times ?? ''}`)));
  if (seen.kinds) return;
  seen.kinds = true;
  options($('outcome').elements.outcome, grouped(outcomes.outcomes.map((row) => ({ ...row, text: `${row.outcome}: ${row.summary}`,
    value: JSON.stringify({ provider: row.provider, machine: row.machine, outcome: row.outcome }) })), (row) => `${row.provider} ${row.kind}`));
  const kinds = Object.entries(faults.kinds).map(([name, kind]) => ({ group: kind.group, text: `${name}: ${kind.summary}`,
    value: JSON.stringify({ fault: name }) }));
  const plans = faults.plans.map((name) => ({ group: 'plans', text: name, value: JSON.stringify({ plan: name }) }));
  options($('fault').elements.fault, grouped([...kinds, ...plans], (row) => row.group));
}

async function showSessions() {
  const { sessions } = await read('/sessions');
  const names = sessions.map((session) => session.name), own = decodeURIComponent(base.match(/^\/~([^/]+)/)?.[1] ?? '');
  if (!names.includes(own)) names.push(own);
  if (seen.sessions === names.join(' ')) return;
  seen.sessions = names.join(' ');
  $('session').replaceChildren(...names.map((name) => make('option', { value: name, selected: name === own }, name || 'default')));
}

const machines = new Map(); // "provider machine": states by name

async function begin() {
  const version = await read('/version');
  $('version').textContent = `${version.version}, seed ${version.seed}`;
  $('providers').replaceChildren(...version.providers.map((name) =>
    make('li', {}, make('code', {}, `${location.origin}${base.replace(/\/__admin$/, '')}/${name}`))));
  for (const { provider, machines: rows } of (await read('/lifecycles')).lifecycles)
    for (const { machine, states } of rows)
      machines.set(`${provider} ${machine}`, new Map(states.map((state) => [state.name, state])));
}

/** One look: the clock, and when something has happened, the rest. */
async function look() {
  if (!machines.size) await begin();
  const [clock, { last }] = [await read('/clock'), await read('/requests?limit=1')];
  showClock(clock);
  if (last === seen.last && clock.events_happened === seen.events) return tell();
  Object.assign(seen, { last, events: clock.events_happened });
  await showSessions();
  await showRequests();
  await showWhatComes();
  tell();
}

async function keepLooking() {
  if (!document.hidden) await look().catch(tell);
  setTimeout(keepLooking, 500);
}

for (const button of document.querySelectorAll('[data-by]'))
  button.addEventListener('click', () => steer('POST', '/clock/advance', { by: button.dataset.by }));
$('idle').addEventListener('click', () => steer('POST', '/clock/advance', { until_idle: true }));
$('freeze').addEventListener('click', () => steer('POST', $('freeze').textContent === 'thaw' ? '/clock/thaw' : '/clock/freeze', {}));
$('reset').addEventListener('click', () => steer('POST', '/reset', {}));
$('session').addEventListener('change', () => {
  const name = $('session').value;
  location.assign(`${name ? `/~${encodeURIComponent(name)}` : ''}/__admin/dashboard`);
});
$('outcome').addEventListener('submit', (event) => {
  event.preventDefault();
  steer('POST', '/outcomes', { ...JSON.parse(event.target.elements.outcome.value), times: 1 });
});
$('fault').addEventListener('submit', (event) => {
  event.preventDefault();
  const { fault, times } = event.target.elements, wanted = JSON.parse(fault.value);
  steer('POST', '/faults', wanted.plan ? wanted : { ...wanted, times: Number(times.value) });
});
$('token').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('token', event.target.querySelector('input').value);
  seen.last = -1;
  look().catch(tell);
});
keepLooking();
