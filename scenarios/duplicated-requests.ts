/**
 * duplicated-requests: one request reaches the endpoint twice, as a load balancer repeats it to two replicas.
 *
 * Wants: overlap; with a hop that duplicates duplicate-delivered; with replicas other-replica. Without a hop, and in a
 * share of the iterations with one, the script itself sends the copies, together; in half of them one more comes late.
 * Can break: double-debit, same-answer, replay-marker, refused-but-done, unexpected-status, conservation.
 */
import { duplicatedRequests } from './lib/bodies/duplicated-requests.ts';
import { scriptOf } from './lib/scenario.ts';

const script = scriptOf(duplicatedRequests, { intents: 90, vus: 18 });

export const options = script.options;
export const setup = script.setup;
export const teardown = script.teardown;
export const handleSummary = script.handleSummary;
export default script.iterate;
