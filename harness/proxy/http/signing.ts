/** Puts on a request the headers that a signer gives for it. */

import { STEP_HEADER } from '../../model/calls.ts';
import { ATTEMPT_HEADER } from '../../model/protocol.ts';
import type { ChaosProxyOptions, UnsignedRequest } from '../types.ts';
import type { ReadRequest } from './client-connection.ts';
import type { Field } from './head.ts';
import { payloadOf } from './key-in-body.ts';

export type Sign = NonNullable<ChaosProxyOptions['sign']>;

/** The request with its signature; headers of the same name are replaced. Rejects when the signer does. */
export async function signed(
  read: ReadRequest,
  sign: Sign,
  to: { readonly host: string | undefined; readonly tls: boolean },
): Promise<ReadRequest> {
  const given = Object.entries(await sign(unsigned(read, to)));
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const fields: Field[] = [
    ...read.head.fields.filter(({ name }) => !names.has(name)),
    ...given.map(([name, value]) => ({ name: name.toLowerCase(), value, raw: `${name}: ${value}` })),
  ];
  return { ...read, head: { ...read.head, fields } };
}

function unsigned(
  read: ReadRequest,
  { host, tls }: { readonly host: string | undefined; readonly tls: boolean },
): UnsignedRequest {
  const [method = '', path = ''] = read.head.start.split(' ');
  const headers: Record<string, string> = {};
  for (const { name, value } of read.head.fields)
    if (name !== ATTEMPT_HEADER.toLowerCase() && name !== STEP_HEADER.toLowerCase()) headers[name] ??= value;
  if (host !== undefined) headers['host'] = host;
  const url = `${tls ? 'https' : 'http'}://${headers['host'] ?? ''}${path}`;
  return { method, url, path, headers, body: payloadOf(read) };
}
