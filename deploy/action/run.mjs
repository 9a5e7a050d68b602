// The action's first step: runs onceproof, adds its summary to the job's, and says verdict and exit code as outputs.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { runsBelow, worstOf } from './results.mjs';

const env = process.env;
const given = (name) => env[`ONCEPROOF_${name}`]?.trim() ?? '';
const words = (name) => given(name).split(/\s+/).filter(Boolean);
const out = given('OUT') || 'results';

const flags = [
  ...(given('TARGET') ? ['--target', given('TARGET')] : []),
  ...(given('BASELINE') ? ['--baseline', given('BASELINE')] : []),
  ...(given('BUDGET') ? ['--budget', given('BUDGET')] : []),
  ...['--faults', given('FAULTS') || 'light', '--seed', given('SEED') || '1', '--out', out],
  ...['--report', 'html,junit,markdown,json,github'],
  ...words('ARGS'),
];
const own = join('node_modules', 'onceproof', 'dist', 'harness', 'cli.js');
const [program, ...before] = existsSync(own)
  ? [process.execPath, own]
  : ['npx', '--yes', `onceproof@${given('VERSION') || 'latest'}`];

// A file's time may be some milliseconds behind.
const startedAt = Date.now() - 10;
const done = spawnSync(program, [...before, 'run', ...words('SCENARIOS'), ...flags], { stdio: 'inherit' });
if (done.error) console.error(`${program}: ${done.error.message}`);
const code = done.status ?? 3;

const runs = runsBelow(out, startedAt);
for (const { summary } of runs)
  if (env.GITHUB_STEP_SUMMARY) appendFileSync(env.GITHUB_STEP_SUMMARY, `${summary}\n`);
if (env.GITHUB_OUTPUT)
  appendFileSync(
    env.GITHUB_OUTPUT,
    // A scenario that was asked for and not run has no verdict of its own.
    `verdict=${code === 2 && worstOf(runs) === 'valid' ? 'unknown' : (worstOf(runs) ?? '')}\nexit-code=${code}\nsince=${startedAt}\n`,
  );
// The last step gates: artefact and comment come first.
