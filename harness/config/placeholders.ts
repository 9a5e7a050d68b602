/** `{placeholders}` in the texts of a config. */

import { usageError } from '../base/errors.ts';
import { nearest, orList, type Member } from './member.ts';

/** Throws for a placeholder that is none of the known ones; `isSecret`: the text is not shown. */
export function checkPlaceholders(
  member: Member,
  text: string,
  known: readonly string[],
  isSecret = false,
): void {
  for (const [placeholder, name = ''] of text.matchAll(/\{(\w+)\}/g)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw usageError('config_wrong', `unknown placeholder ${placeholder} in ${member.file}`, {
      field: member.path,
      expected:
        near === undefined ? orList(known.map((one) => `{${one}}`)) : `{${near}} (did you mean that?)`,
      ...(!isSecret && { found: text }),
    });
  }
}
