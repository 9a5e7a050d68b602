import { row } from './row.ts';
import { jsonShape } from './shape.ts';

const rules = (...list: readonly unknown[]): string => JSON.stringify({ rules: list });
const LOSE = { name: 'x', what: 'http_lose_answer', share: 0.1 };
const SLOW = {
  name: 'x',
  what: 'latency',
  where: 'edge',
  for: [100, 200],
  every: 1000,
  detail: { latency: 10 },
};
const lose = (members: object): string => rules({ ...LOSE, ...members });
const slow = (members: object): string => rules({ ...SLOW, ...members });

/** Text of a schedule file. */
export const SCHEDULES = [
  row('nothing', '', 4, /not JSON/),
  row('half of it', '{"rules":[', 4, /not JSON/),
  row('a mark of byte order', `\uFEFF${lose({})}`, 4, /not JSON/),
  row('JSON with a comment', `// mine\n${lose({})}`, 4, /not JSON/),
  row('another kind of JSON', '"light"', 4, /rules|object/),
  row('null', 'null', 4, /rules|object/),
  row('a list of rules', '[{"name":"x"}]', 4, /rules|object/),
  row('no rules', '{"name":"x"}', 4, /rules/),
  row('a list of no rules', '{"rules":[],"name":"x"}', 4, /rules/),
  row('rules that are no list', '{"rules":{}}', 4, /rules/),
  row('an unknown member', '{"rules":[],"chaos":1}', 4, /chaos/),
  row('a prototype for a member', `{"__proto__":{"a":1},"rules":[]}`, 4, /__proto__|rules/),
  row('a name of nothing', JSON.stringify({ name: 7, rules: [LOSE] }), 4, /name/),
  row(
    'more rules than there may be',
    rules(...Array.from({ length: 101 }, (_, index) => ({ ...LOSE, name: `x${index}` }))),
    4,
    /rules: wrong value; expected a list of 1 to 100/,
  ),
  row('a rule that is none', rules(7), 4, /rules/),
  row('a rule that is a list', rules([LOSE]), 4, /rules/),
  row('a rule without a name', rules({ what: 'latency' }), 4, /name/),
  row('a rule without a fault', rules({ name: 'x' }), 4, /what/),
  row('a fault that there is not', rules({ name: 'x', what: 'meteor' }), 4, /meteor/),
  row('a fault of every object', lose({ what: { toString: 1 } }), 4, /what/),
  row('two rules of one name', rules(LOSE, LOSE), 4, /a name of its own/),
  row('an unknown member of a rule', lose({ often: 1 }), 4, /often/),
  row('a share of more than all', lose({ share: 1.5 }), 4, /share/),
  row('a share in words', lose({ share: 'half' }), 4, /share/),
  row('attempts that are no list', lose({ attempts: 1 }), 4, /attempts/),
  row('an attempt before the first', lose({ attempts: [0] }), 4, /attempts/),
  row('no attempts at all', lose({ attempts: [] }), 4, /attempts/),
  row('the first half', lose({ first: 0.5 }), 4, /first/),
  row('a detail that is no object', lose({ detail: 'reset' }), 4, /detail/),
  row('a detail that means nothing', lose({ detail: { whatever: 1 } }), 4, /whatever/),
  row('a way to lose that is none', lose({ detail: { how: 'quietly' } }), 4, /how/),
  row('a request fault at a place of a timed one', lose({ where: 'edge' }), 4, /where/),
  row('a place that there is not', slow({ where: 'moon' }), 4, /where|moon/),
  row('a place that is a list', slow({ where: ['edge'] }), 4, /where/),
  row('a time that is no time', slow({ for: 'long' }), 4, /for/),
  row('a time that ends before it starts', slow({ for: [200, 100] }), 4, /for/),
  row('a time of three ends', slow({ for: [100, 200, 300] }), 4, /for/),
  row('a start before all', slow({ after: -1 }), 4, /after/),
  row('every no time', slow({ every: 0 }), 4, /every/),
  row('times without an interval', slow({ every: undefined, times: 3 }), 4, /every/),
  row('more faults than a run can have', slow({ times: 1e9 }), 4, /times/),
  row('an overlap that is no word', slow({ overlap: 'maybe' }), 4, /overlap/),
  row('a stream of its own', slow({ stream: 'sideways' }), 4, /stream/),
  row('a detail that is missing', slow({ detail: {} }), 4, /latency/),
  row('a detail in words', slow({ detail: { latency: 'long' } }), 4, /latency/),
  row('a detail of another fault', slow({ detail: { latency: 10, rate: 5 } }), 4, /rate/),
  row(
    'a clock that is wrong by nothing',
    rules({ name: 'x', what: 'skew', where: 'replica', for: 100, detail: { offset_ms: 0 } }),
    4,
    /offset_ms/,
  ),
  row('a persistence that there is not', '{"rules":[],"persistence":"hope"}', 4, /persistence/),
  row('nested without end', `{"rules":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 4, /rules|JSON/),
];

/** By what differs from the rule that it would be. */
export function scheduleShape(content: string): string {
  // Deeper than a function that calls itself can follow.
  if (content.includes('[[[[')) return 'nested';
  const isTimed = content.includes('"latency"');
  return `${isTimed ? 'timed' : 'request'} ${jsonShape(content, { rules: [isTimed ? SLOW : LOSE] })}`;
}
