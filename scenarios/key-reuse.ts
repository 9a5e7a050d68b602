/**
 * key-reuse: a key comes again with something else, or there is no proper key.
 *
 * Wants: other-payload, missing-key, malformed-key, reordered-payload; where customers can be made other-customer.
 * In turn: another payload afterwards, no key, malformed keys, the same payload in another writing, another customer,
 * two payloads at once, another case, quotes around it, a new token. (One header name twice, and a blank key told from an
 * empty one, cannot be sent from a script: a raw connection beside it does.)
 * Can break: payload-binding, key-scope, key-syntax, missing-key, same-answer, refused-but-done, double-debit.
 */
import { keyReuse } from './lib/bodies/key-reuse.ts';
import { scriptOf } from './lib/scenario.ts';

const script = scriptOf(keyReuse, { intents: 54, vus: 12 });

export const options = script.options;
export const setup = script.setup;
export const teardown = script.teardown;
export const handleSummary = script.handleSummary;
export default script.iterate;
