// One comment on the pull request, made once and then kept up to date: the smallest incident, and how to repeat it.
import { runsBelow, worstOf, worstRuns, commandOf } from './results.mjs';

const MARK = '<!-- onceproof -->';
/** GitHub takes 65,536 characters. */
const MAX_LENGTH = 60_000;
const WORDS = { valid: '✅ valid', invalid: '❌ invalid', unknown: '❔ unknown' };

const {
  GITHUB_TOKEN: token,
  GITHUB_REPOSITORY: repository,
  ONCEPROOF_PULL: pull,
  ONCEPROOF_OUT: out,
} = process.env;
const api = (process.env.GITHUB_API_URL || 'https://api.github.com').replace(/\/+$/, '');
const missing = Object.entries({ GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, ONCEPROOF_PULL: pull })
  .filter(([, value]) => !value)
  .map(([name]) => name);

if (missing.length > 0) fail(`the comment needs ${missing.join(', ')}`);
else {
  try {
    await say(textOf(runsBelow(out || 'results', Number(process.env.ONCEPROOF_SINCE || 0))));
  } catch (error) {
    // A comment is a courtesy: the build is gated by the verdict.
    fail(`no comment: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function textOf(runs) {
  const word = worstOf(runs);
  if (word === undefined)
    return `${MARK}\n## onceproof: no verdict\n\nThe harness could not work; the log says why.`;
  const counts = runs.map(
    ({ verdict }) => `| ${verdict.run.scenario} | ${WORDS[verdict.verdict]} | ${verdict.violationCount} |`,
  );
  const [first] = worstRuns(runs);
  const again = word === 'valid' ? [] : ['Again, here:', '', '```sh', commandOf(first), '```', ''];
  const text = [
    MARK,
    ...(runs.length > 1 ? ['| scenario | verdict | violations |', '| --- | --- | --- |', ...counts, ''] : []),
    ...again,
    first.summary,
  ].join('\n');
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}\n\n… the artefact has all of it.` : text;
}

/** Ours is found by its mark, on as many pages as there are. */
async function say(body) {
  const known = await find();
  if (known === undefined) await call('POST', `/repos/${repository}/issues/${pull}/comments`, { body });
  else await call('PATCH', `/repos/${repository}/issues/comments/${known}`, { body });
}

async function find() {
  for (let page = 1; page <= 30; page++) {
    const comments = await call(
      'GET',
      `/repos/${repository}/issues/${pull}/comments?per_page=100&page=${page}`,
    );
    const ours = comments.find(({ body }) => body?.startsWith(MARK));
    if (ours !== undefined) return ours.id;
    if (comments.length < 100) return undefined;
  }
  return undefined;
}

async function call(method, path, body) {
  const answer = await fetch(`${api}${path}`, {
    method,
    signal: AbortSignal.timeout(30_000),
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-github-api-version': '2022-11-28',
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return await answer.json();
}

function fail(text) {
  console.log(`::warning title=onceproof::${text}`);
}
