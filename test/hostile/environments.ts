import { row } from './row.ts';

const RUN = 'run near-zero --intents 2 --store memory --proxy embedded --engine embedded --faults none';

/** Shell scripts in a folder of their own; `$CLI` is the command line, their own code is the row's. */
export const ENVIRONMENTS = [
  row('stdout is full', '$CLI --help > /dev/full', 3, /cannot be written: ENOSPC/),
  row(
    'stdout is full, and a verdict was to be printed',
    `$CLI ${RUN} --out o > /dev/full`,
    3,
    /cannot be written/,
  ),
  // What was recorded stays, and is judged: the code alone says that nobody could be told.
  row(
    'stderr is full',
    `$CLI ${RUN} --out o 2> /dev/full > told; code=$?; grep -o VALID told; grep '"verdict"' o/latest/verdict.json; tail -1 o/latest/history.ndjson; exit $code`,
    3,
    /^VALID\n +"verdict": "valid",\n\{"type":"end",.*"reason":"finished"/,
  ),
  row(
    'stdout is closed',
    `$CLI ${RUN} --out o >&- 2> /dev/null; code=$?; grep '"verdict"' o/latest/verdict.json; exit $code`,
    0,
    /^ +"verdict": "valid",$/m,
  ),
  row('stdin is closed', '$CLI --version <&-', 0, /^\d/),
  row(
    'nobody reads stdout',
    'mkfifo p; (exec 3< p; exec 3<&-) & $CLI --help > p',
    3,
    /cannot be written|EPIPE/,
  ),
  row('the results are a file', `touch o; $CLI ${RUN} --out o`, 4, /--out: cannot be written/),
  row('the results are below a file', `touch o; $CLI ${RUN} --out o/p`, 4, /--out: cannot be written/),
  row(
    'the results are where no folder can be',
    `$CLI ${RUN} --out /proc/onceproof`,
    4,
    /--out: cannot be written/,
  ),
  row('the results are a pipe', `mkfifo o; $CLI ${RUN} --out o`, 4, /--out: cannot be written/),
  row(
    'the results are a link to nothing',
    `ln -s nowhere o; $CLI ${RUN} --out o`,
    4,
    /--out: cannot be written/,
  ),
  row('the results are a link in a circle', `ln -s o o; $CLI ${RUN} --out o`, 4, /--out: cannot be written/),
  row(
    'the results have a name without end',
    `$CLI ${RUN} --out $(printf 'o%.0s' {1..300})`,
    4,
    /--out: cannot be written/,
  ),
  row(
    'the results of an audit are where no folder can be',
    'touch h; $CLI audit h --base-url http://127.0.0.1:1 --out /proc/onceproof',
    4,
    /--out: cannot be written/,
  ),
  row(
    'the token of the environment ends a line',
    "touch h; TOKEN=$'a\\r\\nb' $CLI audit h --base-url http://127.0.0.1:1",
    4,
    /--token: is a token that no header/,
  ),
  row(
    'a server that has no port',
    `$CLI serve --store memory --host 192.0.2.1 --port 1 2>&1 | tail -1; exit \${PIPESTATUS[0]}`,
    3,
    /192\.0\.2\.1/,
  ),
  row('the results are a device', `$CLI ${RUN} --out /dev/null`, 4, /--out: cannot be written/),
  row(
    'a file is named latest',
    `mkdir o; echo mine > o/latest; $CLI ${RUN} --out o > /dev/null && cat o/latest`,
    0,
    /mine/,
  ),
  row(
    'a folder is named latest',
    `mkdir -p o/latest; echo mine > o/latest/a; $CLI ${RUN} --out o > /dev/null && cat o/latest/a`,
    0,
    /mine/,
  ),
  row('files may not grow', `ulimit -f 1; trap '' XFSZ; $CLI ${RUN} --out o`, 3, /EFBIG|cannot be written/),
  row(
    'two runs of one name at once',
    `$CLI ${RUN} --out o --run-id a > /dev/null & $CLI ${RUN} --out o --run-id a > /dev/null; wait; ls o/near-zero | wc -l`,
    0,
    /^2$/m,
  ),
  row(
    'the config ends the process as if all were well',
    'echo "process.exit(0)" > c.mjs; $CLI run near-zero --target c.mjs',
    3,
    /before there was a verdict/,
  ),
  row(
    'the config ends the process as if it were invalid',
    'echo "setTimeout(() => process.exit(1), 50); await new Promise(() => {})" > c.mjs; $CLI run near-zero --target c.mjs',
    3,
    /before there was a verdict/,
  ),
  row(
    'the config never loads',
    'echo "setInterval(() => {}, 1000); await new Promise(() => {})" > c.mjs; $CLI run near-zero --target c.mjs',
    4,
    /does not end within/,
  ),
  row(
    'the config waits for nothing',
    'echo "await new Promise(() => {})" > c.mjs; $CLI run near-zero --target c.mjs',
    4,
    /does not end within/,
  ),
  row(
    'the config throws later',
    'echo "setTimeout(() => { throw new Error(\'late\') }, 50); await new Promise(() => {})" > c.mjs; $CLI run near-zero --target c.mjs',
    3,
    /nobody caught: late/,
  ),
  row(
    'the config rejects later',
    'echo "void Promise.reject(new Error(\'lost\')); await new Promise((d) => setTimeout(d, 500))" > c.mjs; $CLI run near-zero --target c.mjs',
    3,
    /nobody caught: lost/,
  ),
  row(
    'a worker of the config breaks',
    "echo \"import { Worker } from 'node:worker_threads'; new Worker('throw new Error(String(6*7))', { eval: true }); await new Promise((d) => setTimeout(d, 5000))\" > c.mjs; $CLI run near-zero --target c.mjs",
    3,
    /nobody caught: 42/,
  ),
  row(
    'no program is on the path',
    `N=$(command -v node); P=$PATH; PATH=/nowhere $CLI ${RUN.replace('memory', 'auto')} --out o | head -1`,
    0,
    /VALID/,
  ),
  row(
    'k6 is asked for and not there',
    'PATH=/nowhere $CLI run near-zero --engine k6 --out o',
    4,
    /no k6 on the PATH/,
  ),
  row(
    'nothing listens at the endpoint',
    'echo \'{"baseUrl":"http://127.0.0.1:1","redeem":{"path":"/r","body":{"p":"{points_amount}"}},"answer":{"redemption":"/id"},"rewards":[{"id":"a","points":5}],"customers":["c"]}\' > c.json; $CLI run near-zero --target c.json --out o',
    3,
    /cannot be reached/,
  ),
  row(
    'nothing listens at the Toxiproxy',
    '$CLI run near-zero --store memory --proxy http://127.0.0.1:1 --out o',
    3,
    /127\.0\.0\.1:1/,
  ),
  row(
    'nothing listens at the Redis',
    '$CLI run near-zero --store redis://127.0.0.1:1 --proxy embedded --out o',
    3,
    /127\.0\.0\.1:1/,
  ),
  row(
    'no folder for temporary files',
    `TMPDIR=/nowhere/at/all $CLI ${RUN} --out o | head -1`,
    0,
    /VALID|nowhere/,
  ),
];
