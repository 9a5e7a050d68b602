/** Prints each change of an honest run that stays valid and is not redundant: `npx tsx test/trust/survivors.ts [profile] [seed] [faults]`. */

import type { ProfileName } from '../../harness/model/contract.ts';
import { mutated, MUTATIONS, sortOf } from '../../properties/support/mutations.ts';
import { isRedundant } from '../../properties/support/redundant.ts';
import { honestHistory, verdictOf } from './mutants.ts';

const [profile = 'seed', seed = '1', faults = 'none'] = process.argv.slice(2);
const events = await honestHistory(profile as ProfileName, Number(seed), faults);
for (const [index, event] of events.entries())
  for (const mutation of MUTATIONS) {
    if (isRedundant(mutation.name, sortOf(events, index))) continue;
    const changed = mutated(events, index, mutation);
    if (changed && verdictOf(changed) === 'valid')
      console.log(`${mutation.name} of ${sortOf(events, index)}: ${JSON.stringify(event)}`);
  }
