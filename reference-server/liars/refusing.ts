import type { Contract } from '../../harness/model/contract.ts';
import type { Told } from './liar.ts';

/** The contract's own refusal for too few points, word for word. */
export function tooFewPoints({ insufficientPoints: row }: Contract): Told {
  const { status, code } = row === 'unspecified' ? { status: 422, code: 'insufficient_points' } : row;
  return refusal(status, code);
}

/** A refusal by status and code. */
export function refusal(status: number, code: string | undefined): Told {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    text: JSON.stringify({ type: 'about:blank', status, code, title: code ?? 'refused' }),
  };
}
