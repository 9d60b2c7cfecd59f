// SPDX-License-Identifier: Apache-2.0
// Our scenarios in the words of a runner that knows the standard alone. What is changed, and why:
//   the document      its overlays are applied: Arazzo knows none
//   x-dryrun-outcome  is the header that our runner sends for it
//   x-dryrun-until    is a criterion more, and a retry
//   stepId            is no other step's of another workflow with other outputs: Redocly's lint takes one for the other
//   operationId       with a dot is an operationPath: Respect takes what stands before the dot for a source
//   POINTER == null   asks by JSONPath: Respect takes a member that is not there for an error
//   'it''s'           asks by a regex: Respect knows no doubled quotes
//   discriminator     is left out: Respect's validator wants more of it than OpenAPI does
//   JSONPath          $ is $[0]: Respect looks into a list around the value, RFC 9535 into the value
// and every workflow names a session and has a credential, as with our runner. All else stays as it is.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { JSONPathEnvironment } from 'json-p3';
import { parse } from 'yaml';

const jsonpath = new JSONPathEnvironment();

export function load(file) {
  return JSON.parse(JSON.stringify(parse(readFileSync(file, 'utf8')))); // what aliases share is no longer shared
}

/* ---- the document with its overlays (Overlay 1.0) ---- */

function lay(value, update) {
  if (Array.isArray(value)) return value.concat(update);
  if (typeof value !== 'object' || value === null || typeof update !== 'object' || update === null) return update;
  for (const [name, member] of Object.entries(update)) value[name] = name in value ? lay(value[name], member) : member;
  return value;
}

function act(document, action) {
  for (const node of [...jsonpath.query(action.target, document)].reverse()) {
    const where = node.location ?? node.path, name = where.at(-1);
    const parent = where.slice(0, -1).reduce((value, step) => value[step], document);
    if (action.remove !== true) {
      if (!where.length) lay(document, action.update);
      else parent[name] = Array.isArray(parent[name]) ? [...parent[name], action.update] : lay(parent[name], action.update);
    } else if (Array.isArray(parent)) parent.splice(name, 1);
    else delete parent[name];
  }
}

function strip(value) {
  if (typeof value !== 'object' || value === null) return;
  if (typeof value.discriminator?.propertyName === 'string') delete value.discriminator;
  for (const member of Object.values(value)) strip(member);
}

/** The document of a contract, as its variants are when nobody asks for another. */
export function effective(lifecycleFile) {
  const lifecycle = load(lifecycleFile), folder = dirname(lifecycleFile);
  const document = load(join(folder, lifecycle.openapi));
  for (const each of lifecycle.overlays ?? []) {
    const overlay = typeof each === 'string' ? { file: each } : each;
    if (Object.entries(overlay.variant ?? {}).some(([name, value]) => lifecycle.variants[name].default !== value)) continue;
    for (const action of load(join(folder, overlay.file)).actions) act(document, action);
  }
  strip(document);
  return { document, lifecycle };
}

/* ---- x-dryrun-until ---- */

function seconds(text) {
  const [, number, unit] = /^([\d.]+)(ms|s|m|h)$/.exec(text);
  return Number(number) * { ms: 0.001, s: 1, m: 60, h: 3600 }[unit];
}

function named(schema) {
  return schema?.$ref?.split('/').at(-1);
}

/** The machine whose state an answer shows: [machine, pointer to the state, JSONPath to the items or undefined]. */
function shown(service, operationId) {
  const schema = Object.values(service.document.paths).flatMap((path) => Object.values(path))
    .find((operation) => operation?.operationId === operationId)?.responses['200']?.content['application/json']?.schema;
  const whole = service.document.components.schemas[named(schema)] ?? schema;
  const members = Object.entries(whole?.properties ?? {}).map(([name, member]) => [named(member.items), `$.${name}[?@`]);
  for (const [name, items] of [[named(schema)], [named(whole?.items), '$[?@'], ...members])
    for (const machine of Object.values(service.lifecycle.machines))
      for (const view of machine.observe ?? [])
        if (name && [view.schema].flat().includes(name) && typeof view.state === 'string') return [machine, view.state, items];
  throw new Error(`what does ${operationId} show?`);
}

function criterionOfStates(service, operationId, wanted) {
  const [machine, pointer, items] = shown(service, operationId);
  const values = Object.entries(machine.states)
    .filter(([name, state]) => wanted.includes(name) || (wanted.includes('terminal') && state.terminal))
    .map(([name, state]) => state.value ?? name);
  if (!items) return { context: `$response.body#${pointer}`, type: 'regex', condition: `^(${values.join('|')})$` };
  const tests = values.map((value) => `@${pointer.replaceAll('/', '.')} == '${value}'`);
  return { context: '$response.body', type: 'jsonpath', condition: `${items.slice(0, -1)}${tests.join(' || ')}]` };
}

function spellUntil(service, step) {
  const { states, condition, every = '1s', within = '5m' } = step['x-dryrun-until'];
  const more = [];
  if (states) more.push(criterionOfStates(service, step.operationId, states));
  if (condition) more.push(typeof condition === 'string' ? { condition } : condition);
  step.successCriteria = [...(step.successCriteria ?? []), ...more];
  step.onFailure = [
    ...(step.onFailure ?? []),
    { name: 'until', type: 'retry', retryAfter: seconds(every), retryLimit: Math.ceil(seconds(within) / seconds(every)) },
  ];
}

/* ---- steps of the same name ---- */

/** What it refers to in `components` stands in the workflow itself. */
function inline(scenario, value) {
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.reference === 'string')
    return {
      ...value.reference.split('.').slice(1).reduce((part, name) => part[name], scenario.components),
      ...('value' in value && { value: value.value }),
    };
  for (const name of Object.keys(value)) value[name] = inline(scenario, value[name]);
  return value;
}

function rename(scenario, workflow, from, to) {
  const text = JSON.stringify(inline(scenario, workflow));
  return JSON.parse(text.replaceAll(`"stepId":"${from}"`, `"stepId":"${to}"`).replaceAll(`$steps.${from}.`, `$steps.${to}.`));
}

/** Where steps of several workflows have one name and different outputs. */
function tellApart(scenario) {
  const outputs = new Map();
  for (const [number, workflow] of scenario.workflows.entries())
    for (const step of workflow.steps) {
      const names = JSON.stringify(Object.keys(step.outputs ?? {})), known = outputs.get(step.stepId) ?? names;
      outputs.set(step.stepId, known);
      if (names !== known)
        scenario.workflows[number] = rename(scenario, scenario.workflows[number], step.stepId, `${step.stepId}_${number}`);
    }
}

/* ---- a whole scenario ---- */

const hasQuotes = /^(\$response\.body#\S+) == '((?:[^']|'')*''(?:[^']|'')*)'$/;
const isAbsent = /^\$response\.body#((?:\/[^ ]+)+) == null$/;

function spellCondition(criterion) {
  if (criterion.type === 'jsonpath')
    return [{ ...criterion, condition: criterion.condition.replace(/('[^']*'|"[^"]*")|\$/g, (found, text) => text ?? '$[0]') }];
  const [, context, quoted] = (!criterion.type && hasQuotes.exec(criterion.condition)) || [];
  if (quoted) return [{ context, type: 'regex', condition: `^${quoted.replaceAll("''", "'").replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$` }];
  if (criterion.type || !criterion.condition.includes('== null')) return [criterion];
  return criterion.condition.split(' && ').map((condition) => {
    const [, pointer] = isAbsent.exec(condition) ?? [];
    if (!pointer) return { condition };
    const path = '@' + pointer.slice(1).split('/').map((name) => (/^\d+$/.test(name) ? `[${name}]` : `['${name}']`)).join('');
    return { context: '$response.body', type: 'jsonpath', condition: `$[?!${path} || ${path} == null]` };
  });
}

function spellCriteria(holder, name) {
  if (holder[name]) holder[name] = holder[name].flatMap(spellCondition);
}

function spellOperation(service, step, source) {
  for (const [path, item] of Object.entries(service.document.paths))
    for (const [method, operation] of Object.entries(item))
      if (operation?.operationId === step.operationId) {
        delete step.operationId;
        step.operationPath = `{$sourceDescriptions.${source}.url}#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}`;
        return;
      }
}

function spellStep(service, step, source) {
  if (step['x-dryrun-until']) spellUntil(service, step);
  if (step['x-dryrun-outcome'])
    step.parameters = [...(step.parameters ?? []), { name: 'X-Dryrun-Outcome', in: 'header', value: step['x-dryrun-outcome'] }];
  if (step.operationId?.includes('.')) spellOperation(service, step, source);
  spellCriteria(step, 'successCriteria');
  for (const action of [...(step.onSuccess ?? []), ...(step.onFailure ?? [])]) spellCriteria(action, 'criteria');
}

/* ---- what no spelling makes portable ---- */

/** A stream is one text to Respect, and the list of its events to us. */
function looksIntoStream(service, step) {
  const operation = Object.values(service.document.paths).flatMap((path) => Object.values(path))
    .find((one) => one?.operationId === step.operationId);
  const streams = Object.values(operation?.responses ?? {}).some((response) => response.content?.['text/event-stream']);
  return streams && /@\.(data|event)|#\/\d+\/(data|event)|"\$\[\d+\]"/.test(JSON.stringify([step.successCriteria, step.outputs]));
}

const never = [
  ['a stream is one text to it', looksIntoStream],
  ['it follows redirects', (service, step) => (step.successCriteria ?? []).some((one) => /^\$statusCode == 3/.test(one.condition))],
  ...['link', 'signal', 'fault', 'receive', 'stream'].map((name) => [`it knows no x-dryrun-${name}`, (service, step) => step[`x-dryrun-${name}`]]),
];

/** Why Respect cannot play this workflow; undefined when it can. */
function whyNot(service, workflow) {
  return never.find(([, fits]) => workflow.steps.some((step) => fits(service, step)))?.[0];
}

/* ---- a whole document ---- */

function spellWorkflow(service, scenario, workflow, session) {
  const given = workflow.parameters ?? [];
  const credential = { name: 'Authorization', in: 'header', value: 'Bearer any' };
  workflow.parameters = [...given, { name: 'X-Dryrun-Session', in: 'header', value: session }];
  if (!given.some(({ name }) => name === 'Authorization')) workflow.parameters.push(credential);
  for (const step of workflow.steps) spellStep(service, step, scenario.sourceDescriptions[0].name);
}

/** The scenario to play, the workflows that begin in it, and those that are left out: { name: why }. `url`: the document's. */
export function spell(service, file, url) {
  const scenario = load(file), name = basename(file).split('.')[0], left = {};
  const called = new Set(scenario.workflows.flatMap((workflow) => workflow.steps.map((step) => step.workflowId)));
  scenario.sourceDescriptions[0].url = url;
  scenario.workflows = scenario.workflows.filter((workflow) => {
    const why = whyNot(service, workflow);
    if (why) left[workflow.workflowId] = why;
    return !why;
  });
  tellApart(scenario);
  for (const workflow of scenario.workflows)
    spellWorkflow(service, scenario, workflow, called.size > 1 ? name : `${name}.${workflow.workflowId}`.slice(0, 64));
  const begin = scenario.workflows.map((workflow) => workflow.workflowId).filter((one) => !called.has(one));
  return { scenario, begin, left };
}
