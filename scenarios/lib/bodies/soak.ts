/** soak: a weighted mix of all other scenarios; which one an iteration plays is decided by its number and the seed. */
import { uniform } from '../../../harness/decide.ts';
import type { Casting, Play } from '../scenario.ts';
import { doubleClick } from './double-click.ts';
import { duplicatedRequests } from './duplicated-requests.ts';
import { keyExpiry } from './key-expiry.ts';
import { keyReuse } from './key-reuse.ts';
import { lostAnswer } from './lost-answer.ts';
import { nearZero } from './near-zero.ts';
import { retryStorm } from './retry-storm.ts';

/** Out of 100 iterations. */
const MIX: readonly (readonly [number, Play])[] = [
  [28, retryStorm],
  [15, duplicatedRequests],
  [17, doubleClick],
  [15, lostAnswer],
  [10, keyExpiry],
  [10, keyReuse],
  [5, nearZero],
];

export const soak: Play = {
  name: 'soak',
  prefix: 'sk',
  points: retryStorm.points,
  wants: [
    { moment: 'retries_seen', needs: 'nothing' },
    { moment: 'replays_seen', needs: 'nothing' },
    { moment: 'overlaps_seen', needs: 'nothing' },
    { moment: 'two_keys_seen', needs: 'nothing' },
    { moment: 'lost_answers_seen', needs: 'proxy' },
  ],
  act: (story) => retryStorm.act(story),
};

/** The play of an iteration, by hash: the same one on every engine and in every repetition. */
export const casting: Casting = (settings, iteration) => {
  let left = uniform(settings.seed, 'soak', iteration) * 100;
  for (const [weight, play] of MIX) {
    left -= weight;
    if (left < 0) return { play, prefix: `${soak.prefix}-${play.prefix}` };
  }
  return { play: retryStorm, prefix: `${soak.prefix}-${retryStorm.prefix}` };
};
