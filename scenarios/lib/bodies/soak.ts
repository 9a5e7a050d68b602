/** soak: a weighted mix of all other scenarios; which one an iteration plays is decided by its number and the seed. */
import { mixPart, type MixPart } from '../mix.ts';
import type { Casting, Play } from '../scenario.ts';
import { doubleClick } from './double-click.ts';
import { duplicatedRequests } from './duplicated-requests.ts';
import { keyExpiry } from './key-expiry.ts';
import { keyReuse } from './key-reuse.ts';
import { lostAnswer } from './lost-answer.ts';
import { nearZero } from './near-zero.ts';
import { retryStorm } from './retry-storm.ts';

const PLAYS: Readonly<Record<MixPart, Play>> = {
  'retry-storm': retryStorm,
  'duplicated-requests': duplicatedRequests,
  'double-click': doubleClick,
  'lost-answer': lostAnswer,
  'key-expiry': keyExpiry,
  'key-reuse': keyReuse,
  'near-zero': nearZero,
};

export const soak: Play = {
  name: 'soak',
  prefix: 'sk',
  movesClocks: true,
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

/** The play of an iteration: the same one on every engine and in every repetition. */
export const casting: Casting = (settings, iteration) => {
  const play = PLAYS[mixPart(settings.seed, iteration)];
  return { play, prefix: `${soak.prefix}-${play.prefix}` };
};
