import { row } from './row.ts';

const rules = (...list: readonly unknown[]): string => JSON.stringify({ rules: list });
const lose = (members: object): string =>
  rules({ name: 'x', what: 'http_lose_answer', share: 0.1, ...members });
const slow = (members: object): string =>
  rules({
    name: 'x',
    what: 'latency',
    where: 'edge',
    for: [100, 200],
    every: 1000,
    detail: { latency: 10 },
    ...members,
  });

/** Text of a schedule file. */
export const SCHEDULES = [
  row('nothing', '', 4, /not JSON/),
  row('half of it', '{"rules":[', 4, /not JSON/),
  row('another kind of JSON', '"light"', 4, /rules|object/),
  row('null', 'null', 4, /rules|object/),
  row('no rules', '{"name":"x"}', 4, /rules/),
  row('rules that are no list', '{"rules":{}}', 4, /rules/),
  row('an unknown member', '{"rules":[],"chaos":1}', 4, /chaos/),
  row('a rule that is none', rules(7), 4, /rules/),
  row('a rule without a name', rules({ what: 'latency' }), 4, /name/),
  row('a rule without a fault', rules({ name: 'x' }), 4, /what/),
  row('a fault that there is not', rules({ name: 'x', what: 'meteor' }), 4, /meteor/),
  row('a fault of every object', rules({ name: 'x', what: 'constructor' }), 4, /constructor/),
  row(
    'two rules of one name',
    rules(
      { name: 'x', what: 'http_lose_answer', share: 0.1 },
      { name: 'x', what: 'http_lose_request', share: 0.1 },
    ),
    4,
    /x/,
  ),
  row('an unknown member of a rule', lose({ often: 1 }), 4, /often/),
  row('a share of more than all', lose({ share: 1.5 }), 4, /share/),
  row('a share below nothing', lose({ share: -0.1 }), 4, /share/),
  row('a share in words', lose({ share: 'half' }), 4, /share/),
  row('a share beyond numbers', lose({ share: 7 }).replace(':7', ':1e999'), 4, /share/),
  row('attempts that are no list', lose({ attempts: 1 }), 4, /attempts/),
  row('an attempt before the first', lose({ attempts: [0] }), 4, /attempts/),
  row('the first half', lose({ first: 0.5 }), 4, /first/),
  row('a detail that is no object', lose({ detail: 'reset' }), 4, /detail/),
  row('a detail that means nothing', lose({ detail: { whatever: 1 } }), 4, /whatever/),
  row('a way to lose that is none', lose({ detail: { how: 'quietly' } }), 4, /how/),
  row('a request fault with a place of a timed one', lose({ where: 'edge' }), 4, /where/),
  row('a place that there is not', slow({ where: 'moon' }), 4, /where|moon/),
  row('a time that is no time', slow({ for: 'long' }), 4, /for/),
  row('a time that ends before it starts', slow({ for: [200, 100] }), 4, /for/),
  row('a time of three ends', slow({ for: [1, 2, 3] }), 4, /for/),
  row('every no time', slow({ every: 0 }), 4, /every/),
  row('more faults than a run can have', slow({ for: 1, every: 1, count: 1e9 }), 4, /count|every|for/),
  row('an overlap that is no word', slow({ overlaps: 'maybe' }), 4, /overlaps|overlap/),
  row('a persistence that there is not', '{"rules":[],"persistence":"hope"}', 4, /persistence/),
  row('nested without end', `{"rules":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 4, /rules|JSON/),
];
