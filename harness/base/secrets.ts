/**
 * What must not leave this process: tokens, passwords, keys. Each is registered where it comes in, and taken out by
 * value where something goes out: files, stdout, stderr.
 */

import { ANYWHERE_LENGTH } from './secret-forms.ts';
import { isSecretName } from './secret-name.ts';
import { Secrets } from './secret-set.ts';

/** Those of this process. */
const SECRETS = new Secrets();

/** Registers a value that must not be written anywhere from now on; gives it back. */
export function keepSecret<T extends string | undefined>(value: T): T {
  SECRETS.add(value);
  return value;
}

/** Registers what is secret in a URL; gives the URL back. */
export function keepUrlSecrets<T extends string | undefined>(url: T): T {
  SECRETS.addUrl(url);
  return url;
}

/** Registers variables of the environment whose names say that they are secret. */
export function keepEnvironmentSecrets(env: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value = ''] of Object.entries(env)) {
    // A short value, or the path of a file that holds the secret, is found in texts that have nothing to do with it.
    if (isSecretName(name) && value.length >= ANYWHERE_LENGTH && !value.startsWith('/')) SECRETS.add(value);
    else SECRETS.addUrl(value);
  }
}

/** A free text, or a JSON document, without the secrets of this process. */
export function withoutSecrets(text: string): string {
  return withoutCredentials(SECRETS.clean(text));
}

/** HTML, XML and Markdown that were made of cleaned values: only values that cannot be the markup's own words. */
export function markupWithoutSecrets(text: string): string {
  return SECRETS.clean(text, true);
}

/** Lines of JSON without the secrets of this process. */
export function linesWithoutSecrets(text: string): string {
  return SECRETS.cleanLines(text);
}

/** Headers of credentials and passwords of URLs, known or not, anywhere in a text. */
export function withoutCredentials(text: string): string {
  let cleaned = text;
  if (/bearer|authorization/i.test(text)) {
    cleaned = cleaned
      .replace(/((?:proxy-)?authorization\\*"\s*:\s*\\*")[^"\\]+/gi, '$1[redacted]')
      .replace(/(authorization\s*[:=]\s*)(?:(?:bearer|basic|token)\s+)?[^\s"\\,;[]+/gi, '$1[redacted]')
      .replace(/(bearer\s+)[\w.~+/=-]+/gi, '$1[redacted]');
  }
  return cleaned.includes('://')
    ? cleaned.replace(/(\w:\/\/[^\s:@/"'\\]*):[^\s@/"'\\]+@/g, '$1:***@')
    : cleaned;
}
