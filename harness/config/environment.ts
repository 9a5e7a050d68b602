/** Texts that may stand in the environment: `{ env: 'NAME' }`. The environment is handed in, never read here. */

import { usageError } from '../base/errors.ts';
import { keepSecret } from '../base/secrets.ts';
import { isPlainObject, matchOf, objectOf, textOf, wrong, type Member } from './member.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `hidden`: not shown in an error; `kept`: not written anywhere. */
export type Secrecy = 'open' | 'hidden' | 'kept';

/** A text, or the value of the variable that `{ env }` names. */
export function textOrEnv(member: Member, env: Environment, secrecy: Secrecy = 'open'): string {
  const text = isPlainObject(member.value) ? variableOf(objectOf(member, ['env']).env, env) : member.value;
  if (typeof text !== 'string' || text === '') {
    throw wrong(member, "a text, or { env: 'NAME' }", secrecy !== 'open');
  }
  return secrecy === 'kept' ? keepSecret(text) : text;
}

/** A secret that goes into a header: no line ends, no blanks. */
export function secretOf(member: Member, env: Environment): string {
  const text = textOrEnv(member, env, 'kept');
  if (!/^[\x21-\x7e]+$/.test(text)) throw wrong(member, 'visible ASCII without blanks', true);
  return text;
}

/** The value of the environment variable that a member names. */
export function variableOf(member: Member, env: Environment): string {
  const name = matchOf(member, /^[A-Za-z_]\w*$/, 'the name of an environment variable');
  const value = env[name];
  if (value === undefined || value === '') {
    throw usageError('config_env', `environment variable ${textOf(member)} is not set`, {
      field: member.path,
      expected: `${name} in the environment`,
    });
  }
  return value;
}
