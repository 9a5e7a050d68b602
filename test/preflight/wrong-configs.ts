/** Wrong configs of one right endpoint: what was changed, and the one line that has to be told. */

export interface Wrong {
  readonly title: string;
  /** Changes the right config. */
  readonly change: (config: Config) => void;
  readonly code: 3 | 4;
  readonly line: RegExp;
}

export interface Config {
  [member: string]: unknown;
  baseUrl: string;
  auth: unknown;
  redeem: Record<string, unknown> & { path: string; body: Record<string, unknown> };
  answer: Record<string, unknown>;
  balance: { path: string; value: string };
  redemptions: Record<string, unknown> & { path: string; items: string };
  rewards: { id: string; points: number }[];
  customers: unknown[];
  contract: unknown;
}

const wrong = (title: string, change: Wrong['change'], line: RegExp, code: 3 | 4 = 4): Wrong => ({
  title,
  change,
  code,
  line,
});

const pointer = (title: string, change: Wrong['change'], member: string, candidate: string): Wrong =>
  wrong(title, change, new RegExp(`^onceproof: ${member}: .*the (answer|item) has .*\`${candidate}\``));

const HERE = '/api/v2/loyalty';

export const WRONG_CONFIGS: readonly Wrong[] = [
  // Pointers that find nothing.
  pointer(
    'redemption: another name',
    (config) => void (config.answer['redemption'] = '/id'),
    'answer.redemption',
    '/redemption_id',
  ),
  pointer(
    'redemption: camel case',
    (config) => void (config.answer['redemption'] = '/redemptionId'),
    'answer.redemption',
    '/redemption_id',
  ),
  pointer(
    'redemption: wrapped',
    (config) => void (config.answer['redemption'] = '/data/redemption_id'),
    'answer.redemption',
    '/redemption_id',
  ),
  pointer(
    'redemption: one letter',
    (config) => void (config.answer['redemption'] = '/redemption_ids'),
    'answer.redemption',
    '/redemption_id',
  ),
  pointer(
    'redemption: the whole body',
    (config) => void (config.answer['redemption'] = ''),
    'answer.redemption',
    '/redemption_id',
  ),
  pointer(
    'customer: another name',
    (config) => void (config.answer['customer'] = '/member'),
    'answer.customer',
    '/customer_id',
  ),
  pointer(
    'customer: nested',
    (config) => void (config.answer['customer'] = '/customer/id'),
    'answer.customer',
    '/customer_id',
  ),
  pointer(
    'balance of the answer: another name',
    (config) => void (config.answer['balance'] = '/balance'),
    'answer.balance',
    '/balance_after',
  ),
  pointer(
    'balance of the answer: points left',
    (config) => void (config.answer['balance'] = '/points_left'),
    'answer.balance',
    '/balance_after',
  ),
  pointer(
    'balance: another name',
    (config) => void (config.balance.value = '/points'),
    'balance.value',
    '/balance',
  ),
  pointer(
    'balance: wrapped',
    (config) => void (config.balance.value = '/data/balance'),
    'balance.value',
    '/balance',
  ),
  pointer(
    'balance: one letter',
    (config) => void (config.balance.value = '/balace'),
    'balance.value',
    '/balance',
  ),
  pointer(
    'balance: upper case',
    (config) => void (config.balance.value = '/Balance'),
    'balance.value',
    '/balance',
  ),
  pointer(
    'balance: the whole body',
    (config) => void (config.balance.value = ''),
    'balance.value',
    '/balance',
  ),
  pointer(
    'list: another name',
    (config) => void (config.redemptions.items = '/data'),
    'redemptions.items',
    '/redemptions',
  ),
  pointer(
    'list: the whole body',
    (config) => void (config.redemptions.items = ''),
    'redemptions.items',
    '/redemptions',
  ),
  pointer(
    'list: its first item',
    (config) => void (config.redemptions.items = '/redemptions/0'),
    'redemptions.items',
    '/redemptions',
  ),
  pointer(
    'list: singular',
    (config) => void (config.redemptions.items = '/redemption'),
    'redemptions.items',
    '/redemptions',
  ),
  pointer(
    'item: id',
    (config) => void (config.redemptions['redemption'] = '/id'),
    'redemptions.redemption',
    '/redemption_id',
  ),
  pointer(
    'item: from the root',
    (config) => void (config.redemptions['redemption'] = '/redemptions/0/redemption_id'),
    'redemptions.redemption',
    '/redemption_id',
  ),
  pointer(
    'item: reward',
    (config) => void (config.redemptions['reward'] = '/reward'),
    'redemptions.reward',
    '/reward_id',
  ),
  pointer(
    'item: points',
    (config) => void (config.redemptions['points'] = '/points'),
    'redemptions.points',
    '/points_amount',
  ),
  pointer(
    'item: status',
    (config) => void (config.redemptions['status'] = '/state'),
    'redemptions.status',
    '/status',
  ),
  pointer(
    'item: own name',
    (config) => void (config.redemptions['clientRedemptionId'] = '/client_id'),
    'redemptions.clientRedemptionId',
    '/client_redemption_id',
  ),
  // Pointers that find something of another type.
  pointer(
    'redemption: a list of nothing',
    (config) => void (config.answer['redemption'] = '/redemption_id/0'),
    'answer.redemption',
    '/redemption_id',
  ),
  pointer(
    'balance of the answer: a text',
    (config) => void (config.answer['balance'] = '/status'),
    'answer.balance',
    '/balance_after',
  ),
  pointer(
    'balance: a text',
    (config) => void (config.balance.value = '/customer_id'),
    'balance.value',
    '/balance',
  ),
  pointer(
    'list: null',
    (config) => void (config.redemptions.items = '/next_cursor'),
    'redemptions.items',
    '/redemptions',
  ),
  pointer(
    'item: points that are a text',
    (config) => void (config.redemptions['points'] = '/status'),
    'redemptions.points',
    '/points_amount',
  ),
  // Addresses.
  wrong(
    'redeem: no such path',
    (config) => void (config.redeem.path = `${HERE}/rewards/redem`),
    /^onceproof: redeem\.path: no such path \(POST \/api\/v2\/loyalty\/rewards\/redem answered 404/,
  ),
  wrong(
    'redeem: the old version',
    (config) => void (config.redeem.path = '/api/v1/loyalty/rewards/redeem'),
    /^onceproof: redeem\.path: no such path/,
  ),
  wrong(
    'redeem: a slash too many',
    (config) => void (config.redeem.path = `${HERE}/rewards/redeem/`),
    /^onceproof: redeem\.path: no such path/,
  ),
  wrong(
    'redeem: a path that is only read',
    (config) => void (config.redeem.path = `${HERE}/redemptions/{customer_id}`),
    /^onceproof: redeem\.(path|method): /,
  ),
  wrong(
    'balance: no such path',
    (config) => void (config.balance.path = `${HERE}/customers/{customer_id}/points`),
    /^onceproof: balance\.path: no such path/,
  ),
  wrong(
    'balance: the customer is left out',
    (config) => void (config.balance.path = `${HERE}/customers/balance`),
    /^onceproof: balance\.path: /,
  ),
  wrong(
    'list: no such path',
    (config) => void (config.redemptions.path = `${HERE}/redemption/{customer_id}`),
    /^onceproof: redemptions\.path: no such path/,
  ),
  wrong(
    'list: the path of the balance',
    (config) => void (config.redemptions.path = `${HERE}/customers/{customer_id}/balance`),
    /^onceproof: redemptions\.items: `\/redemptions` not found; the answer has an array nowhere/,
  ),
  wrong(
    'balance: the path of the list',
    (config) => void (config.balance.path = `${HERE}/redemptions/{customer_id}`),
    /^onceproof: balance\.value: `\/balance` not found/,
  ),
  wrong(
    'base URL: with half of the path',
    (config) => void (config.baseUrl += '/api'),
    /^onceproof: baseUrl: no such path \(GET \/api\/api\/v2/,
  ),
  wrong(
    'redeem: another method',
    (config) => void (config.redeem['method'] = 'PUT'),
    /^onceproof: redeem\.(path|method): /,
  ),
  // Tokens.
  wrong(
    'token: none',
    (config) => void (config.auth = 'none'),
    /^onceproof: auth: the endpoint wants credentials, and the config has none/,
  ),
  wrong(
    'token: another',
    (config) => void (config.auth = { token: 'not-the-token-at-all' }),
    /^onceproof: auth: the token is refused/,
  ),
  wrong(
    'token: with its scheme',
    (config) => void (config.auth = { token: 'Bearer:not-the-token' }),
    /^onceproof: auth: the token is refused/,
  ),
  wrong(
    'token: that no variable holds',
    (config) => void (config.auth = { env: 'NO_SUCH_VARIABLE' }),
    /^onceproof: auth\.env: environment variable "?NO_SUCH_VARIABLE/,
  ),
  wrong(
    'token: of a customer',
    (config) => void (config.customers = [{ id: 'c-1', token: 'not-the-token-either' }]),
    /^onceproof: auth: the token is refused/,
  ),
  // Bodies, headers, customers, rewards.
  wrong(
    'body: a member too few',
    (config) => delete config.redeem.body['reward_id'],
    /^onceproof: redeem\.body: .*400/,
  ),
  wrong(
    'body: a member too many',
    (config) => void (config.redeem.body['channel'] = 'app'),
    /^onceproof: redeem\.body: .*400/,
  ),
  wrong(
    'body: points as a text',
    (config) => void (config.redeem.body['points_amount'] = 'p{points_amount}'),
    /^onceproof: redeem\.body: .*400/,
  ),
  wrong(
    'body: another name',
    (config) => {
      delete config.redeem.body['points_amount'];
      config.redeem.body['points'] = '{points_amount}';
    },
    /^onceproof: redeem\.body: .*400/,
  ),
  wrong(
    'key: in another header',
    (config) => void (config.redeem['keyHeader'] = 'X-Request-Id'),
    /^onceproof: redeem\.keyHeader: the endpoint finds no key in the header X-Request-Id/,
  ),
  wrong(
    'media type: another',
    (config) => void (config.redeem['headers'] = { 'Content-Type': 'text/plain' }),
    /^onceproof: redeem\.headers: .*415/,
  ),
  wrong(
    'reward: unknown',
    (config) => void (config.rewards = [{ id: 'teapot', points: 10 }]),
    /^onceproof: rewards\[0\]\.id: the endpoint knows no reward teapot/,
  ),
  wrong(
    'customer: unknown',
    (config) => void (config.customers = ['nobody']),
    /^onceproof: customers: the endpoint knows no customer nobody/,
  ),
  wrong(
    'customer: poor',
    (config) => void (config.customers = ['c-poor']),
    /^onceproof: customers: too few points for rewards\[0\], which costs 500: c-poor has 20/,
  ),
  // Hosts, and nobody there.
  wrong(
    'host: not allowed',
    (config) => void (config.baseUrl = 'http://loyalty.example.com'),
    /^onceproof: baseUrl: its host is not a loopback address/,
  ),
  wrong(
    'host: others are allowed',
    (config) => void (config['allowedHosts'] = ['loyalty.example.com']),
    /^onceproof: allowedHosts: /,
  ),
  wrong(
    'host: nobody listens',
    (config) => void (config.baseUrl = 'http://127.0.0.1:1'),
    /^onceproof: baseUrl: the endpoint cannot be reached/,
    3,
  ),
  wrong(
    'host: TLS where there is none',
    (config) => void (config.baseUrl = config.baseUrl.replace('http:', 'https:')),
    /^onceproof: baseUrl: no answer to GET .*does it speak TLS\?/,
    3,
  ),
  // What a look at the file alone tells.
  wrong(
    'a member that nobody knows',
    (config) => void (config['rewrads'] = []),
    /^onceproof: rewrads: unknown member in .*rewards \(did you mean that\?\)/,
  ),
  wrong(
    'a pointer that is none',
    (config) => void (config.balance.value = 'balance'),
    /^onceproof: balance\.value: wrong in .*JSON pointer/,
  ),
  wrong(
    'a placeholder that nobody knows',
    (config) => void (config.redeem.body['customer_id'] = '{customer}'),
    /^onceproof: redeem\.body\.customer_id: unknown placeholder \{customer\}/,
  ),
  wrong(
    'a profile that nobody knows',
    (config) => void (config.contract = 'strpe'),
    /^onceproof: contract: wrong in .*stripe/,
  ),
  // Members of other shapes.
  wrong(
    'who: Basic',
    (config) => void (config.auth = { basic: { user: 'a', password: 'b' } }),
    /^onceproof: auth: the token is refused; it wants Bearer/,
  ),
  wrong(
    'who: an API key',
    (config) => void (config.auth = { apiKey: { header: 'X-Api-Key', value: 'k' } }),
    /^onceproof: auth: the token is refused; it wants Bearer/,
  ),
  wrong(
    'who: in the query',
    (config) => void (config.auth = { token: 't', sentAs: { query: 'token' } }),
    /^onceproof: auth: the token is refused; it wants Bearer \(GET .*\?token=/,
  ),
  wrong(
    'key: nowhere in the body',
    (config) => void (config.redeem['keyPointer'] = '/meta/key/'),
    /^onceproof: redeem\.body: the endpoint takes no such body/,
  ),
  wrong(
    'answer: a Location that is not there',
    (config) => void (config.answer = { from: 'location' }),
    /^onceproof: answer\.redemption: the answer has no Location; its body has `\/redemption_id`/,
  ),
  wrong(
    'answer: a resource that is not there',
    (config) => void (config.answer = { from: 'resource', redemption: '/id' }),
    /^onceproof: answer\.redemption: `\/id` not found; the answer has `\/redemption_id`/,
  ),
  wrong(
    'list: two kinds of pages',
    (config) => void Object.assign(config.redemptions, { nextCursor: '/next', paging: { by: 'page' } }),
    /^onceproof: redemptions\.nextCursor: wrong in .*not both/,
  ),
  wrong(
    'list: an account that nobody has',
    (config) => void (config.redemptions.path = `${HERE}/redemptions/{account_id}`),
    /^onceproof: customers\[0\]\.account: missing in /,
  ),
  wrong(
    'effects: a statement without a customer',
    (config) => void (config['effects'] = { sql: 'select 1', url: 'sqlite:nowhere.db' }),
    /^onceproof: effects\.sql: wrong in .*:customer in it/,
  ),
  wrong(
    'effects: a command that is not there',
    (config) => void (config['effects'] = { command: ['no-such-program-here'] }),
    /^onceproof: effects\.command: ended with ENOENT/,
    3,
  ),
  wrong(
    'calls: the first one gives nothing to take',
    (config) =>
      void (config.redeem = {
        calls: [
          { path: config.redeem.path, body: config.redeem.body, take: { it: '/reservation' } },
          { path: `${HERE}/{it}`, body: {} },
        ],
      } as never),
    /^onceproof: redeem\.calls\[0\]\.take\.it: `\/reservation` not found; the answer has `\/redemption_id`/,
  ),
  wrong(
    'replicas: two schemes',
    (config) =>
      void Object.assign(config, {
        baseUrls: [config.baseUrl, config.baseUrl.replace('http:', 'https:')],
        baseUrl: undefined,
      }),
    /^onceproof: baseUrls\[1\]: wrong in .*scheme and path of the first/,
  ),
  wrong(
    'no customers, and no hook that makes them',
    (config) => void (config.customers = []),
    /^onceproof: customers: wrong in .*at least one customer/,
  ),
  wrong(
    'rewards: one without points',
    (config) => void (config.rewards = [{ id: 'reward_67890' } as never]),
    /^onceproof: rewards\[0\]\.points: missing in /,
  ),
  wrong(
    'unit: half a factor',
    (config) => void (config['unit'] = 0.5),
    /^onceproof: unit: wrong in .*found 0\.5/,
  ),
  wrong(
    'TLS: beside an http address',
    (config) => void (config['tls'] = { ca: 'nowhere.pem' }),
    /^onceproof: tls: wrong in .*https baseUrl/,
  ),
  wrong(
    'proxy: nobody listens',
    (config) => void (config['httpProxy'] = 'http://127.0.0.1:1'),
    /^onceproof: httpProxy: the HTTP proxy cannot be reached/,
    3,
  ),
  wrong(
    'form: a body that is none',
    (config) => void Object.assign(config.redeem, { bodyAs: 'form', body: { a: { b: '{customer_id}' } } }),
    /^onceproof: redeem\.body\.a: wrong in .*as in a form/,
  ),
];
