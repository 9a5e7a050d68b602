/** A command that redeems shows no answer: what it is answered with shows where the config's pointers point to. */

import { resolveConfig } from '../config/resolve.ts';
import type { Draft } from '../describe/draft.ts';
import { answerFrom } from '../describe/sample.ts';
import { jsonOf } from '../preflight/found.ts';
import { checkConfig } from './check-config.ts';

/** Redeems once, as the draft says, and looks at the answer. The draft as it was where no 2xx shows anything. Throws what a wrong config throws. */
export async function withSeenAnswer(
  draft: Draft,
  {
    env,
    signal,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal },
): Promise<Draft> {
  const { open: _, ...config } = draft;
  const result = await checkConfig(resolveConfig(config, { file: 'onceproof.config.json', env }), { signal });
  const redeemed = result.steps.find(({ name }) => name === 'redeem')?.exchanges.at(-1)?.answer;
  if (redeemed === undefined || redeemed.status < 200 || redeemed.status > 299) return draft;
  return answerFrom(draft, jsonOf(redeemed.text), redeemed.headers['location'] !== undefined);
}
