/** The catalogue of wrong editions. A new one: a file beside this one, and its name in this list. */

import type { Defect } from './defect.ts';

export const DEFECTS: readonly Defect[] = [];

/** The catalogue as plain data, for whoever starts this server as a program. */
export function defectCatalogue(): readonly Omit<Defect, 'apply'>[] {
  return DEFECTS.map(({ name, description, rules, bugClasses }) => ({
    name,
    description,
    rules,
    bugClasses,
  }));
}
