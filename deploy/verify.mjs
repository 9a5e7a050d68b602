// `npm run verify`: installs what is missing, then types, lint, format and every test. The last line is `N passed, N failed`.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  build,
  installPackages,
  installSystemPrograms,
  installToxiproxy,
  root,
  say,
  step,
} from './steps.mjs';

if (!installPackages()) {
  console.log('\n0 passed, 1 failed');
  process.exit(1);
}
installSystemPrograms();
installToxiproxy();

let passed = 0;
/** What failed, in words: said last, since a log is often kept by its end only. */
const failures = [];

function check(name, hasPassed) {
  if (hasPassed) passed += 1;
  else failures.push(name);
  console.log(`${hasPassed ? 'ok' : 'FAILED'}: ${name}`);
}

const bin = (name) => join(root, 'node_modules', '.bin', name);
say('types, lint, format, build');
check('types', step(bin('tsc'), ['-p', 'tsconfig.json']));
check('types of the scenarios', step(bin('tsc'), ['-p', 'scenarios/tsconfig.json']));
check('lint', step(bin('oxlint'), ['--type-aware', '--deny-warnings']));
check('format', step(bin('prettier'), ['--check', '--log-level', 'warn', '.']));
const isBuilt = build();
check('build', isBuilt);
if (isBuilt) process.env.ONCEPROOF_BUILT_CLI = join(root, 'dist', 'harness', 'cli.js');

if (isBuilt) checkPackage();

say('tests');
const folder = mkdtempSync(join(tmpdir(), 'onceproof-verify-'));
const report = join(folder, 'tests.json');
const hasRun = step(bin('vitest'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
]);
const skipped = countTests(hasRun);
rmSync(folder, { recursive: true, force: true });

for (const name of skipped) console.log(`skipped: ${name}`);
for (const failure of failures) console.log(`FAILED: ${failure}`);
console.log(`\n${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);

/** Adds the tests to the counts and returns the names of the skipped ones: they count as neither. */
function countTests(hasRun) {
  let results;
  try {
    results = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    check('test run', false);
    return [];
  }
  passed += results.numPassedTests;
  const tests = results.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: relative(root, file.name) })),
  );
  for (const { status, file, fullName, failureMessages } of tests)
    if (status === 'failed') failures.push(`${file}: ${fullName}${shown(failureMessages)}`);
  // A file that could not be loaded, or an error outside of any test, has no failed test to its name.
  if (!hasRun && results.numFailedTests === 0) check('test run without errors outside of tests', false);
  if (results.numPassedTests === 0) check('at least one test', false);
  return tests
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => fullName);
}

/** The beginning of what a test said when it failed, indented. */
function shown(messages) {
  const lines = messages.join('\n').split('\n').slice(0, 12);
  return lines.map((line) => `\n    ${line}`).join('');
}

/** What npm would get: complete, and its types found by everybody who can import it. Tells its size. */
function checkPackage() {
  const target = mkdtempSync(join(tmpdir(), 'onceproof-package-'));
  // Built just now: no need to do it again.
  const isPacked = step('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', target]);
  const [name] = readdirSync(target);
  if (!isPacked || name === undefined) check('package', false);
  else {
    const tarball = join(target, name);
    check('package (publint)', step(bin('publint'), ['run', tarball, '--strict']));
    check('types of the package (attw)', step(bin('attw'), [tarball, '--profile', 'esm-only', '--quiet']));
    console.log(`size of the package: ${(statSync(tarball).size / 1e6).toFixed(2)} MB`);
  }
  rmSync(target, { recursive: true, force: true });
}
