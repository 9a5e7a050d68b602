/** The catalogue of twins. */

import { ANSWER_TWINS } from './answers.ts';
import { READ_TWINS } from './reads.ts';
import { ROW_TWINS } from './rows.ts';
import { TIME_TWINS } from './time.ts';
import type { Twin } from './twin.ts';

export const TWINS: readonly Twin[] = [...ROW_TWINS, ...READ_TWINS, ...ANSWER_TWINS, ...TIME_TWINS];
