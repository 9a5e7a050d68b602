/** `npm run record-parity`: plays every row and every scenario on the real k6 and writes down what it did. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { resolveSchedule } from '../../harness/faults/schedule.ts';
import { ALL_CAPABILITIES } from '../../harness/history/events.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';
import { k6 } from '../scenarios/support.ts';
import { ROWS } from './rows/index.ts';
import { DIFFERENCES } from './rows/differences.ts';
import { playDifference, playRows, writeRows } from './rows/play.ts';
import type { RowOutcome } from './rows/row.ts';
import { playBoth, recordingPath, writtenRecording, type Recording } from './both.ts';

const SEED = '11';

/** At least one iteration of each kind that a scenario takes in turn. */
const LOADS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'retry-storm': { INTENTS: '30' },
  'duplicated-requests': { INTENTS: '20' },
  'double-click': { INTENTS: '20' },
  'lost-answer': { INTENTS: '18' },
  'key-expiry': { INTENTS: '16' },
  'key-reuse': { INTENTS: '18' },
  'near-zero': { INTENTS: '10' },
  soak: { DURATION: '2s', VUS: '8' },
};

if (k6 === undefined) {
  console.error('record-parity: there is no k6 on the PATH');
  process.exit(3);
}
const version = /v\d+\.\d+\.\d+/.exec(execFileSync(k6, ['version'], { encoding: 'utf8' }))?.[0] ?? 'unknown';
const asked = process.argv.slice(2);
if (asked.length === 0 || asked.includes('rows')) {
  const outcomes = new Map<string, RowOutcome>();
  // Each by itself: nothing that another does is in its outcome.
  for (const row of Object.values(ROWS).flat())
    for (const [title, outcome] of await playRows('k6', [row])) outcomes.set(title, outcome);
  writeRows('rows', outcomes);
  console.log(`rows: ${outcomes.size} of k6 ${version}`);
}
if (asked.length === 0 || asked.includes('differences')) {
  const outcomes = new Map<string, RowOutcome>();
  for (const row of DIFFERENCES) {
    const outcome = await playDifference('k6', row);
    if (outcome === undefined) throw new Error(`${row.title} printed nothing`);
    outcomes.set(row.title, outcome);
  }
  writeRows('differences', outcomes);
  console.log(`differences: ${outcomes.size} of k6 ${version}`);
}
for (const scenario of SCENARIOS) {
  if (asked.length > 0 && !asked.includes(scenario)) continue;
  // With `first` the order of arrival would decide.
  const toxics = resolveSchedule('heavy', { seed: SEED, scenario, capabilities: ALL_CAPABILITIES }).http.map(
    ({ toxic: { attributes: { first: _first, ...attributes } = {}, ...toxic } }) => ({
      ...toxic,
      attributes,
    }),
  );
  const setting = { scenario, seed: SEED, runId: 'parity', load: LOADS[scenario] ?? {}, toxics };
  const { deeds, broken, log } = await playBoth('k6', setting);
  if (broken > 0 || deeds.length === 0) throw new Error(`${scenario} broke: ${log}`);
  const recording: Recording = { k6: version, ...setting, deeds };
  mkdirSync(dirname(recordingPath(scenario)), { recursive: true });
  writeFileSync(recordingPath(scenario), writtenRecording(recording));
  console.log(`${scenario}: ${deeds.length} attempts of k6 ${version}`);
}
