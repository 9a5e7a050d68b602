/** `hooks.sign`: bounded in time, what it returns is checked, and the first failure is kept for the run to tell. */

import { harnessError, messageOf } from '../base/errors.ts';
import type { UnsignedRequest } from '../proxy/types.ts';
import { HEADER_NAME } from './contract-rows.ts';
import type { HooksConfig } from './define.ts';
import { within } from './within.ts';

export interface Sign {
  (request: UnsignedRequest): Promise<Readonly<Record<string, string>>>;
}

export interface Signer {
  readonly sign: Sign;
  /** Throws when a signature could not be made: nothing that followed is evidence. */
  readonly assertSigned: () => void;
}

/** Headers that frame a message are the hop's. */
const FRAMING = /^(content-length|transfer-encoding|connection|host|onceproof-.*)$/i;

export function signerOf(hook: NonNullable<HooksConfig['sign']>, timeoutMs: number): Signer {
  let failure: string | undefined;
  return {
    sign: async (request) => {
      try {
        return checked(await within(Promise.resolve(hook(request)), timeoutMs));
      } catch (error) {
        failure ??= messageOf(error);
        throw error;
      }
    },
    assertSigned: () => {
      if (failure !== undefined) throw harnessError('hook_failed', `hook sign: ${failure}`);
    },
  };
}

function checked(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('it returned no object of header names and values');
  for (const [name, text] of Object.entries(value)) {
    if (!HEADER_NAME.test(name) || FRAMING.test(name))
      throw new Error(`it returned ${JSON.stringify(name)}, which is no header of its own`);
    if (typeof text !== 'string' || !/^[\t\x20-\x7e]*$/.test(text))
      throw new Error(`its header ${name} is no text of visible ASCII on one line`);
  }
  return value as Readonly<Record<string, string>>;
}
