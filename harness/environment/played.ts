/** Profiles that describe endpoints which the bundled server cannot be: they are for judging only. */

import { usageError } from '../base/errors.ts';
import { isProfileName, PLAYED_PROFILES } from '../model/contract.ts';

/** Throws a usage error for a profile that the bundled server does not play. */
export function assertPlayed(profile: string): void {
  if (!isProfileName(profile) || (PLAYED_PROFILES as readonly string[]).includes(profile)) return;
  throw usageError('profile', "is for judging one's own endpoint (contract, in the config)", {
    field: '--profile',
    expected: `${PLAYED_PROFILES.join(', ')} for the bundled server`,
    found: profile,
  });
}
