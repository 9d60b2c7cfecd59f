// SPDX-License-Identifier: Apache-2.0
// A second opinion: Redocly's Respect plays our scenarios (as spell.mjs spells them) against a running mock.
// $DRYRUN_BIN; arguments: providers, all of them unless said.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMock } from '../mock.mjs';
import { startBetween } from './between.mjs';
import { effective, load, spell } from './spell.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const contracts = fileURLToPath(new URL('../../../../contracts/', import.meta.url));
const respect = join(here, '../node_modules/@redocly/cli/bin/cli.js');
const severity = { STATUS_CODE_CHECK: 'off', CONTENT_TYPE_CHECK: 'off' }; // the lifecycle documents more than the document does
const neverEnough = '1000000';

/** A document whose one workflow must fail: else nothing that passes means anything. */
function liar(scenario) {
  const [workflow] = structuredClone(scenario.workflows);
  const [step] = workflow.steps;
  workflow.workflowId = 'lies';
  workflow.steps = [{ ...step, successCriteria: [{ condition: '$statusCode == 299' }] }];
  return { ...scenario, workflows: [workflow] };
}

async function write(folder, provider) {
  const service = effective(join(contracts, provider, 'lifecycle.yaml')), documents = [];
  await writeFile(join(folder, 'openapi.json'), JSON.stringify(service.document));
  await mkdir(join(folder, 'scenarios'));
  for (const file of (await readdir(join(contracts, provider, 'scenarios'))).sort()) {
    const spelt = spell(service, join(contracts, provider, 'scenarios', file), '../openapi.json');
    const path = join('scenarios', file);
    if (spelt.begin.length) await writeFile(join(folder, path), JSON.stringify(spelt.scenario, null, 1));
    documents.push({ path, name: file.split('.')[0], ...spelt });
  }
  const { scenario } = documents.find(({ begin }) => begin.length);
  await writeFile(join(folder, 'scenarios', 'lies.arazzo.yaml'), JSON.stringify(liar(scenario)));
  documents.push({ path: join('scenarios', 'lies.arazzo.yaml'), name: 'lies', scenario, begin: ['lies'], left: {} });
  return documents;
}

async function play(folder, documents, mock) {
  const between = await startBetween(mock), played = documents.filter(({ begin }) => begin.length);
  const sources = new Set(played.map(({ scenario }) => scenario.sourceDescriptions[0].name));
  const child = spawn(
    process.execPath,
    ['--import', join(here, 'waits.mjs'), respect, 'respect', ...played.map(({ path }) => path), ...[...sources].flatMap((name) => ['--server', `${name}=${between.url}`]),
      '--severity', JSON.stringify(severity), '--max-steps', neverEnough, '--json-output', 'out.json'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', DRYRUN_BETWEEN: between.url, NO_COLOR: '1' } },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text));
  await once(child, 'close');
  between.stop();
  const text = await readFile(join(folder, 'out.json'), 'utf8').catch(() => {
    throw new Error(`Respect told nothing:\n${log.slice(-2000)}`);
  });
  return JSON.parse(text).files;
}

/** What failed in the step that was the last one. */
function told(workflow) {
  const step = workflow.executedSteps?.at(-1);
  const failed = (step?.checks ?? []).filter((check) => !check.passed && !(check.name.toUpperCase().replaceAll(' ', '_') in severity));
  return failed.slice(0, 3).map((check) =>
    `  ${step.stepId} (status ${step.response?.statusCode}): ${check.name} ${check.condition ?? ''} ${check.message ?? ''}`.slice(0, 300)).join('\n');
}

function compare(provider, documents, files, strays) {
  const wrong = [], counts = { played: 0, strayed: 0 }, left = {};
  for (const document of documents) {
    const file = Object.entries(files).find(([path]) => basename(path) === basename(document.path))?.[1];
    for (const why of Object.values(document.left)) left[why] = (left[why] ?? 0) + 1;
    for (const name of document.begin) {
      const workflow = file?.executedWorkflows.find((one) => one.workflowId === name), label = `${provider}/${document.name}/${name}`;
      const passed = workflow?.status === 'success';
      counts.played++;
      if (name === 'lies' ? !passed : passed !== strays.has(label)) counts.strayed += strays.has(label);
      else if (!workflow) wrong.push(`${label}: was not played`);
      else if (passed) wrong.push(`${label}: is played after all${strays.has(label) ? ': take it off strays.yaml' : ''}`);
      else wrong.push(`${label}: Respect says no\n${told(workflow)}`);
      strays.delete(label);
    }
  }
  console.log(`${provider}: ${counts.played - 1} workflows played, ${counts.strayed} stray`);
  for (const [why, count] of Object.entries(left)) console.log(`  ${count} left out: ${why}`);
  return wrong;
}

async function judge(provider, strays) {
  const folder = await mkdtemp(join(tmpdir(), 'dryrun-respect-'));
  const mock = await startMock(provider);
  try {
    const documents = await write(folder, provider);
    return compare(provider, documents, await play(folder, documents, mock), strays);
  } finally {
    await mock.stop();
    if (!process.env.DRYRUN_KEEP) await rm(folder, { recursive: true });
  }
}

const providers = process.argv.slice(2);
if (!providers.length) providers.push('acp', 'azure-agents', 'azure-routines', 'letta', 'warp');
const strays = new Set(Object.values(load(join(here, 'strays.yaml'))).flat().filter((label) => providers.includes(label.split('/')[0])));
const wrong = [];
for (const provider of providers) wrong.push(...(await judge(provider, strays)));
wrong.push(...[...strays].map((label) => `strays.yaml: there is no ${label} that could be played`));
for (const line of wrong) console.log(line);
process.exitCode = wrong.length ? 1 : 0;
