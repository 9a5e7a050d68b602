import { expect, test } from 'vitest';
import { isSecretName } from '../../harness/base/secret-name.ts';
import { Secrets } from '../../harness/base/secret-set.ts';
import { withoutCredentials } from '../../harness/base/secrets.ts';

const TOKEN = 'tok+9/Zq"7&äx-secret';

function holding(...values: string[]): Secrets {
  const secrets = new Secrets();
  for (const value of values) secrets.add(value);
  return secrets;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const WRITTEN: Readonly<Record<string, (value: string) => string>> = {
  'as it is': (value) => value,
  'inside a word': (value) => `red_${value}_1`,
  'as JSON': (value) => JSON.stringify({ value }),
  'as JSON in JSON': (value) => JSON.stringify({ body: JSON.stringify({ value }) }),
  'percent-encoded': (value) => `/a?t=${encodeURIComponent(value)}&b=1`,
  'percent-encoded with small letters': (value) =>
    encodeURIComponent(value).replace(/%../g, (escape) => escape.toLowerCase()),
  'wholly percent-encoded': (value) => Buffer.from(value).toString('hex').replace(/../g, '%$&'),
  'as a form': (value) => new URLSearchParams({ value }).toString(),
  'in base 64': (value) => base64(value),
  'in base 64 for URLs': (value) => Buffer.from(value).toString('base64url'),
  'in base 64 behind one byte': (value) => base64(`:${value}:`),
  'in base 64 behind two bytes': (value) => base64(`u:${value}!!`),
  'in base 64, percent-encoded': (value) => encodeURIComponent(base64(value)),
  'in hex': (value) => Buffer.from(value).toString('hex'),
  'as markup': (value) => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
};

for (const [how, write] of Object.entries(WRITTEN)) {
  test(`a secret ${how} is taken out, and nothing else`, () => {
    const cleaned = holding(TOKEN).clean(`before ${write(TOKEN)} after`);
    expect(cleaned).toMatch(/^before .*\[redacted\].* after$/s);
    expect(cleaned.length).toBeLessThan(`before ${write(TOKEN)} after`.length);
    // Not even half of it is left.
    expect(cleaned).not.toContain(write(TOKEN));
    expect(cleaned).not.toContain(TOKEN.slice(2, 8));
  });

  test(`the near miss ${how} stays`, () => {
    const text = `before ${write('tok+9/Zq"7&äx-sEcret')} after`;
    expect(holding(TOKEN).clean(text)).toBe(text);
  });
}

test('a short secret is taken out as a whole word only', () => {
  const secrets = holding('s3cr3t');
  expect(secrets.clean('s3cr3t, (s3cr3t) and x-s3cr3t-y')).toBe(
    '[redacted], ([redacted]) and x-[redacted]-y',
  );
  expect(secrets.clean('s3cr3ts as3cr3t s3cr3t_1')).toBe('s3cr3ts as3cr3t s3cr3t_1');
  expect(secrets.clean(`${base64('s3cr3t')} ${Buffer.from('s3cr3t').toString('hex')}`)).not.toContain(
    base64('s3cr3t'),
  );
});

test('a short secret is found in each of many lines', () => {
  const lines = Array.from({ length: 5 }, (_, n) =>
    JSON.stringify({ type: 'complete', code: `s3cr3t ${n}` }),
  );
  expect(holding('s3cr3t').cleanLines(lines.join('\n'))).not.toContain('s3cr3t');
});

test('what is shorter than three characters is no secret', () => {
  expect(holding('', ' ', 'ok').clean('ok')).toBe('ok');
});

test('every secret has a label of its own, so that ids that differ by it still differ', () => {
  expect(holding('token-of-anna', 'token-of-bert').clean('token-of-anna token-of-bert')).toBe(
    '[redacted] [redacted:2]',
  );
});

test('of two secrets of which one begins with the other, the longer one is taken', () => {
  expect(holding('abcdefgh', 'abcdefgh-ijkl').clean('abcdefgh-ijkl abcdefgh')).toBe(
    '[redacted:2] [redacted]',
  );
});

test('a history stays one: numbers, words of ours and lines without secrets are left', () => {
  const lines = [
    '{"type":"invoke","at":12345678, "key":"k"}',
    '{"type":"complete","code":"echo of invoke-token: 12345678","attempt":"invoke"}',
  ];
  const cleaned = holding('12345678', 'invoke').cleanLines(lines.join('\n')).split('\n');
  expect(cleaned.map((line) => JSON.parse(line) as unknown)).toEqual([
    { type: 'invoke', at: 12_345_678, key: 'k' },
    { type: 'complete', code: 'echo of [redacted:2]-token: [redacted]', attempt: '[redacted:2]' },
  ]);
});

test('a line without a secret stays byte for byte', () => {
  const lines = '{"type":"a",  "b":1}\n{"type":"b","c":"secret-token-1"}';
  expect(holding('secret-token-1').cleanLines(lines)).toBe(
    '{"type":"a",  "b":1}\n{"type":"b","c":"[redacted]"}',
  );
});

test('a document stays JSON, laid out as it was', () => {
  const document = JSON.stringify({ 'secret-token-1': ['secret-token-1', 1] }, null, 2);
  expect(holding('secret-token-1').clean(`${document}\n`)).toBe(
    `${JSON.stringify({ '[redacted]': ['[redacted]', 1] }, null, 2)}\n`,
  );
});

test('markup keeps its own words', () => {
  expect(holding('class', 'secret-token-1').clean('<p class="x">secret-token-1</p>', true)).toBe(
    '<p class="x">[redacted:2]</p>',
  );
});

test('of many secrets that end alike each is found', () => {
  const secrets = new Secrets();
  for (let n = 0; n < 3000; n++) secrets.add(`eyJhbGciOiJIUzI1NiJ9.${n}.same-end-of-all`);
  expect(secrets.clean('x eyJhbGciOiJIUzI1NiJ9.2999.same-end-of-all y')).toBe('x [redacted:3000] y');
  expect(secrets.clean('eyJhbGciOiJIUzI1NiJ9.3000.same-end-of-all')).toBe(
    'eyJhbGciOiJIUzI1NiJ9.3000.same-end-of-all',
  );
});

test('the password of a URL is a secret, as it is written and as it is meant', () => {
  const secrets = new Secrets();
  secrets.addUrl('redis://user:p%40ss-word-1@host:1/0?api_key=query-secret&db=2');
  secrets.addUrl('not a url');
  expect(secrets.clean('p%40ss-word-1 p@ss-word-1 query-secret user host')).toBe(
    '[redacted] [redacted] [redacted:2] user host',
  );
});

test('what is a credential by its place is taken out, known or not', () => {
  expect(withoutCredentials('GET http://u:pw@h/ Authorization: Bearer abc.def')).toBe(
    'GET http://u:***@h/ Authorization: [redacted]',
  );
  expect(withoutCredentials('see http://[::1]:80/a@b and mail:x@y')).toBe(
    'see http://[::1]:80/a@b and mail:x@y',
  );
});

test.each([
  ['GITHUB_TOKEN', true],
  ['DB_PASSWORD', true],
  ['X-Api-Key', true],
  ['Cookie', true],
  ['PATH', false],
  ['X-Tenant', false],
])('%s is a secret by its name: %s', (name, isSecret) => {
  expect(isSecretName(name)).toBe(isSecret);
});
