/** Where the key of a redeem call stands: in a header, or in the body at a place that a pointer or a placeholder names. */

import { usageError } from '../base/errors.ts';
import type { Pointer, Template } from '../model/target.ts';
import { at } from '../model/read-answer.ts';
import { isGiven, isPlainObject, matchOf, wrong, type Member } from './member.ts';

export const KEY_PLACEHOLDER = '{idempotency_key}';
const BODY_POINTER = /^(\/([^~/]|~[01])*)+$/;

export interface KeyPlace {
  /** Absent: in a header. */
  readonly keyPointer?: Pointer;
  /** The template, with the placeholder where the pointer says. */
  readonly body: Template;
}

/** `isHeaderGiven`: the config names a header for the key, too. Throws a usage error. */
export function keyPlaceOf(
  pointer: Member,
  body: Member & { readonly value: unknown },
  keyHeader: Member,
): KeyPlace {
  const template = body.value as Template;
  const [found, second] = placesIn(template, '');
  if (second !== undefined) throw wrong({ ...body, value: second }, `${KEY_PLACEHOLDER} in one place`);
  if (!isGiven(pointer) && found === undefined) return { body: template };
  if (isGiven(keyHeader)) {
    throw usageError('config_wrong', `not beside ${keyHeader.path} in ${pointer.file}`, {
      field: isGiven(pointer) ? pointer.path : body.path,
      expected: 'the key in a header or in the body',
    });
  }
  if (!isGiven(pointer)) return { keyPointer: found ?? '', body: template };
  const keyPointer = matchOf(pointer, BODY_POINTER, 'a JSON pointer that starts with /');
  if (found !== undefined && found !== keyPointer)
    throw wrong(pointer, `${found}, where the body has ${KEY_PLACEHOLDER}`);
  return { keyPointer, body: found === undefined ? withKey(template, keyPointer, pointer) : template };
}

function placesIn(template: Template, here: Pointer): Pointer[] {
  if (template === KEY_PLACEHOLDER) return [here];
  if (typeof template !== 'object' || template === null) return [];
  return Object.entries(template).flatMap(([name, part]) =>
    placesIn(part, `${here}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}

/** The template with the placeholder put in; objects on the way are made where there are none. */
function withKey(template: Template, pointer: Pointer, member: Member): Template {
  const expected = 'a member that redeem.body leaves free, in an object';
  if (at(template, pointer) !== undefined) throw wrong(member, expected);
  const body = structuredClone(template);
  const names = pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  let here: unknown = body;
  for (const [index, name] of names.entries()) {
    if (!isPlainObject(here) || name === '__proto__') throw wrong(member, expected);
    if (index === names.length - 1) here[name] = KEY_PLACEHOLDER;
    else here = here[name] ??= {};
  }
  return body;
}
