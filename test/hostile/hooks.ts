import { SECRET } from './secret.ts';
import { row } from './row.ts';
import { differences, masked } from './shape.ts';

/** A config's hooks by their names, and what a script asks of one. */
export interface HookInput {
  readonly hooks: Readonly<Record<string, unknown>>;
  readonly ask: readonly [method: string, path: string, body?: unknown];
  /** Of a debit: what is not as it should be. */
  readonly members?: object;
}

const PROVISION = ['POST', '/customers', { customer_id: 'c', points: 5 }] as const;
const CREDIT = ['POST', '/customers/c/credit', { points: 5 }] as const;
const LEDGER = ['GET', '/customers/c/ledger'] as const;
const CLOCK = ['PUT', '/customers/c/clock', { now_ms: 5, frozen: true }] as const;
const DEBIT = { redemption: 'r', points: 5, at: 1 };
const provision = (made: () => unknown): HookInput => ({ hooks: { provision: made }, ask: PROVISION });
const ledger = (made: () => unknown): HookInput => ({ hooks: { ledger: made }, ask: LEDGER });
const debit = (members: object): HookInput => ({
  ...ledger(() => ({ debits: [{ ...DEBIT, ...members }] })),
  members,
});
const never = (): Promise<unknown> => new Promise(() => undefined);
const fail = (error: unknown): never => {
  throw error;
};

/** The code is the bridge's status: a script takes each of them for a broken hook, and the run says so. */
export const HOOKS = [
  row(
    'throws an error',
    provision(() => fail(new Error('no database'))),
    500,
    /hook provision: no database/,
  ),
  row(
    'throws a text',
    provision(() => fail('oh')),
    500,
    /hook provision: oh/,
  ),
  row(
    'throws nothing',
    provision(() => fail(undefined)),
    500,
    /hook provision/,
  ),
  row(
    'throws an object that cannot be read',
    provision(() => fail(Object.create(null))),
    500,
    /hook provision/,
  ),
  row(
    'rejects',
    provision(() => Promise.reject(new Error('later'))),
    500,
    /later/,
  ),
  row('never resolves', provision(never), 500, /no result within/),
  row(
    'returns a number',
    provision(() => 7),
    500,
    /provision/,
  ),
  row(
    'returns a list',
    provision(() => []),
    500,
    /provision/,
  ),
  row(
    'a token that is no text',
    provision(() => ({ token: 7 })),
    500,
    /provision\.token/,
  ),
  row(
    'a token with a line end',
    provision(() => ({ token: 'a\r\nX: y' })),
    500,
    /provision\.token/,
  ),
  row(
    'an error that holds the token',
    provision(() => fail(new AggregateError([], `refused: ${SECRET}`))),
    500,
    /refused: \[redacted/,
  ),
  row(
    'an error that holds the token in base 64',
    provision(() => fail(Buffer.from(SECRET).toString('base64'))),
    500,
    /hook provision: .*\[redacted/,
  ),
  row(
    'an error that is a symbol',
    provision(() => fail(Symbol('why'))),
    500,
    /hook provision/,
  ),
  row(
    'a promise of another kind',
    provision(() => ({ then: (done: (value: unknown) => void) => done({ token: 7 }) })),
    500,
    /provision\.token/,
  ),
  row(
    'a token of bytes',
    provision(() => ({ token: Buffer.from('a') })),
    500,
    /provision\.token/,
  ),
  row(
    'a token beside others',
    provision(() => ({ token: 'a', password: 'b' })),
    500,
    /password/,
  ),
  row(
    'a member that throws',
    provision(() => ({
      get token() {
        return fail(new Error('trap'));
      },
    })),
    500,
    /trap/,
  ),
  row(
    'credit that fails',
    { hooks: { provision: () => undefined, credit: () => fail(new Error('closed')) }, ask: CREDIT },
    500,
    /hook credit: closed/,
  ),
  row('no such hook', { hooks: {}, ask: CREDIT }, 404, /no hook credit/),
  row('a path that is no hook', { hooks: {}, ask: ['DELETE', '/customers/c'] }, 404, /no hook at/),
  row(
    'a ledger that is no object',
    ledger(() => 'all fine'),
    500,
    /ledger/,
  ),
  row(
    'a ledger without debits',
    ledger(() => ({})),
    500,
    /debits/,
  ),
  row(
    'debits that are no list',
    ledger(() => ({ debits: {} })),
    500,
    /debits/,
  ),
  row(
    'a debit that is none',
    ledger(() => ({ debits: [null] })),
    500,
    /debits\[0\]/,
  ),
  row('a debit of no redemption', debit({ redemption: undefined }), 500, /debits\[0\]\.redemption/),
  row('points that are no number', debit({ points: 'many' }), 500, /debits\[0\]\.points/),
  row('half a point', debit({ points: 0.5 }), 500, /debits\[0\]\.points/),
  row('a key that is a list', debit({ key: ['k'] }), 500, /debits\[0\]\.key/),
  row('an unknown member of a debit', debit({ amount: 5 }), 500, /amount/),
  row('a time that is none', debit({ at: 'noon' }), 500, /debits\[0\]\.at/),
  row('a date that is none', debit({ at: new Date(Number.NaN) }), 500, /debits\[0\]\.at/),
  row(
    'credits that are no list',
    ledger(() => ({ debits: [], credits: 1 })),
    500,
    /credits/,
  ),
  row(
    'rewards without an id',
    ledger(() => ({ debits: [], rewards: [{}] })),
    500,
    /rewards\[0\]/,
  ),
  row(
    'a clock that fails',
    { hooks: { setClock: () => fail(new Error('stuck')) }, ask: CLOCK },
    500,
    /hook setClock: stuck/,
  ),
  row(
    'a clock that gives no time',
    { hooks: { advanceClock: () => 'later' }, ask: ['PUT', '/customers/c/clock', { advance_ms: 5 }] },
    500,
    /advanceClock/,
  ),
  row(
    'a clock asked for no time',
    { hooks: { setClock: () => undefined }, ask: ['PUT', '/customers/c/clock', { now_ms: 'noon' }] },
    400,
    /now_ms/,
  ),
  row(
    'a customer without a name',
    { hooks: { provision: () => undefined }, ask: ['POST', '/customers', { points: 5 }] },
    400,
    /customer_id/,
  ),
  row(
    'points below nothing',
    { hooks: { provision: () => undefined }, ask: ['POST', '/customers', { customer_id: 'c', points: -1 }] },
    400,
    /points/,
  ),
  row(
    'a body that is no object',
    { hooks: { provision: () => undefined }, ask: ['POST', '/customers', 7] },
    400,
    /no JSON object/,
  ),
  row(
    'a body of 100 KB',
    {
      hooks: { provision: () => undefined },
      ask: ['POST', '/customers', { customer_id: 'x'.repeat(100_000) }],
    },
    413,
    /more than/,
  ),
] satisfies readonly import('./row.ts').Row<HookInput>[];

const RIGHT_ASKS: readonly unknown[] = [PROVISION[2], CREDIT[2], CLOCK[2], undefined];

/** What is asked, and what the hook does in code, without its texts and numbers. */
export function hookShape({ hooks, ask: [method, path, body], members }: HookInput): string {
  const code = Object.entries(hooks).map(([name, hook]) => `${name}: ${masked(String(hook))}`);
  const asked = RIGHT_ASKS.includes(body) ? 'right' : differences(body, undefined).join(' ');
  const wrong = members === undefined ? [] : differences({ ...DEBIT, ...members }, DEBIT);
  return [method, path, asked, ...code, ...wrong].join('\n');
}
