import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot, temporaryFolder } from '../support/cli.ts';

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

const folder = temporaryFolder();
const home = join(folder.path, 'project');
const action = parse(readFileSync(join(projectRoot, 'action.yml'), 'utf8')) as Action;
/** Somebody who passes every word on to the sources of the command line. */
const CLI = `const { spawnSync } = await import('node:child_process');
const args = ['--import', ${JSON.stringify(import.meta.resolve('tsx'))}, ${JSON.stringify(join(projectRoot, 'harness/cli.ts'))}];
process.exit(spawnSync(process.execPath, [...args, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 3);
`;
const SMALL = '--engine embedded --proxy embedded --store memory --intents 16';

/** The part of GitHub's API that a comment needs, on this machine. */
const comments: { id: number; body: string }[] = [];
const calls: string[] = [];
const api = createServer((request, response) => {
  const { method = '', url = '' } = request;
  calls.push(`${method} ${url.split('?')[0]}`);
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    if (request.headers.authorization !== 'Bearer a-token-of-the-job') response.statusCode = 401;
    else if (method === 'POST')
      comments.push({ id: comments.length + 1, ...(JSON.parse(text) as { body: string }) });
    else if (method === 'PATCH') Object.assign(comments.at(-1) ?? {}, JSON.parse(text));
    response.end(JSON.stringify(method === 'GET' ? comments : {}));
  });
});

beforeAll(async () => {
  mkdirSync(join(home, 'node_modules/onceproof/dist/harness'), { recursive: true });
  writeFileSync(join(home, 'node_modules/onceproof/package.json'), '{ "type": "module" }');
  writeFileSync(join(home, 'node_modules/onceproof/dist/harness/cli.js'), CLI);
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  api.close();
  folder.remove();
});

/** A step's text with the expressions that GitHub would have filled in. */
function filled(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ *([\w.-]+) *\}\}/g, (_whole, name: string) => known[name] ?? '');
}

function bash(
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; said: string }> {
  const child = spawn('bash', ['-eo', 'pipefail', '-c', script], {
    cwd: home,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  return new Promise((done) => child.once('close', (code) => done({ code: code ?? -1, said })));
}

/** Each `run` step of the action, in order, as a runner would; `uses` steps are GitHub's own. */
async function runAction(inputs: Readonly<Record<string, string>>, name: string) {
  const output = join(folder.path, `${name}.output`);
  const summary = join(folder.path, `${name}.summary`);
  for (const file of [output, summary]) writeFileSync(file, '');
  const known: Record<string, string> = {
    'github.token': 'a-token-of-the-job',
    'github.run_number': '7',
    'github.event.pull_request.number': '12',
  };
  for (const [input, { default: value }] of Object.entries(action.inputs))
    known[`inputs.${input}`] = filled(inputs[input] ?? value, known);
  const codes: number[] = [];
  let said = '';
  for (const step of action.runs.steps.filter(({ run }) => run !== undefined)) {
    const env = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([key, value]) => [key, filled(value, known)]),
    );
    const done = await bash(filled(step.run ?? '', known), {
      ...env,
      GITHUB_ACTION_PATH: projectRoot,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_REPOSITORY: 'somebody/shop',
      GITHUB_API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    });
    codes.push(done.code);
    said += done.said;
    if (step.id !== undefined)
      for (const line of readFileSync(output, 'utf8').split('\n').filter(Boolean))
        known[`steps.${step.id}.outputs.${line.split('=')[0]}`] = line.split('=')[1] ?? '';
  }
  return { codes, said, known, summary: readFileSync(summary, 'utf8') };
}

describe('action.yml', () => {
  test('every value that reaches a shell goes through the environment', () => {
    // An expression inside of a script could be made to run code by whoever writes a pull request's title.
    for (const { run = '' } of action.runs.steps) expect(run).not.toContain('${{');
  });

  test('a wrong edition: annotations, summary, one comment with how to repeat it, and the build fails', async () => {
    const wrong = { scenarios: 'double-click', args: `${SMALL} --defect check-then-act`, seed: '1' };
    const { codes, said, known, summary } = await runAction(wrong, 'wrong');
    expect(codes).toEqual([0, 0, 1]);
    expect(known).toMatchObject({
      'steps.run.outputs.verdict': 'invalid',
      'steps.run.outputs.exit-code': '1',
    });
    expect(said).toContain('::error');
    expect(summary).toContain('❌ invalid: double-click');
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain('double-debit: two requests of it were at the server together');
    expect(comments[0]?.body).toContain('npx onceproof run double-click --faults light --seed 1');
    expect(calls.at(-1)).toBe('POST /repos/somebody/shop/issues/12/comments');
  });

  test('mended: the same comment says so, and the build passes', async () => {
    const { codes, known } = await runAction({ scenarios: 'double-click', args: SMALL, seed: '1' }, 'right');
    expect(codes).toEqual([0, 0, 0]);
    expect(known['steps.run.outputs.verdict']).toBe('valid');
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain('✅ valid: double-click');
    expect(calls.at(-1)).toBe('PATCH /repos/somebody/shop/issues/comments/1');
  });

  test('wrong usage has no verdict, says so, and fails; a comment that is refused does not change the build', async () => {
    const usage = await runAction({ scenarios: 'double-clack', token: 'another' }, 'usage');
    expect(usage.codes).toEqual([0, 0, 4]);
    expect(usage.known['steps.run.outputs.verdict']).toBe('');
    expect(usage.said).toContain('::warning title=onceproof::no comment: GET');
  });
});

test('the GitLab template runs what it says, and its exit code gates', async () => {
  const { '.onceproof': job } = parse(readFileSync(join(projectRoot, 'deploy/gitlab.yml'), 'utf8')) as {
    '.onceproof': {
      readonly script: readonly string[];
      readonly variables: Readonly<Record<string, string>>;
      readonly artifacts: { readonly reports: { readonly junit: string } };
    };
  };
  const programs = join(folder.path, 'bin');
  mkdirSync(programs);
  // As npx does: `--yes onceproof@latest`, and then the command's own words.
  writeFileSync(
    join(programs, 'npx'),
    `#!/bin/sh\nshift 2\nexec ${process.execPath} ${join(home, 'node_modules/onceproof/dist/harness/cli.js')} "$@"\n`,
  );
  chmodSync(join(programs, 'npx'), 0o755);
  const env = {
    ...job.variables,
    ONCEPROOF_SCENARIOS: 'double-click',
    ONCEPROOF_ARGS: `${SMALL} --defect check-then-act`,
    CI_PIPELINE_IID: '1',
    PATH: `${programs}:${process.env['PATH']}`,
  };
  const done = await bash(job.script.join('\n'), env);
  expect(done.said).toContain('✗ INVALID');
  expect(done.code).toBe(1);
  expect(job.artifacts.reports.junit).toBe('results/*/*/junit.xml');
  expect(existsSync(join(home, 'results/latest/junit.xml'))).toBe(true);
});
