/** Requests that came to nothing, as `k6/http` tells of them. */
import type { Answer } from './answer.ts';
import { NOBODY } from './peer.ts';

/** What a request fails with under the option `throw`: the script's to catch, whatever its stack says. */
export class RequestError extends Error {}

/** With the option `throw` a network error is thrown. */
export function isNetworkError({ status, error }: Answer): boolean {
  return error !== '' && status === 0;
}

/** The answer to a request that was never made. */
export function unsent(error: string, errorCode: number): Answer {
  return {
    plan: { url: '', givenUrl: '', method: '', headers: [], body: null, responseType: 'text' },
    status: 0,
    error,
    errorCode,
    url: '',
    method: '',
    rawHeaders: [],
    chunks: undefined,
    statusText: '',
    peer: NOBODY,
    blockedMs: 0,
    waitingMs: 0,
    receivingMs: 0,
  };
}
