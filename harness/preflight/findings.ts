/** What a preflight has to say so far: each member of the config once. */
import type { Exchange } from '../audit/bounded-client.ts';
import type { Finding, Severity } from './finding.ts';
import type { Found } from './found.ts';
import { NO_PATH, requestLine } from './refused.ts';

export class Findings {
  readonly #findings: Finding[] = [];

  /** In the order in which they were found. */
  get all(): readonly Finding[] {
    return this.#findings;
  }

  have(severity: Severity): boolean {
    return this.#findings.some((one) => one.severity === severity);
  }

  /** What pointers did not find in an answer. */
  sayFound(found: readonly Found[], exchange: Exchange | undefined): void {
    const where = exchange === undefined ? '' : ` (${requestLine(exchange)})`;
    for (const { member, wrong } of found) if (wrong !== undefined) this.say('wrong', member, wrong + where);
  }

  /** What a hook gives back is the config's doing; what stops it may be anything. */
  sayHook(member: string, text: string): void {
    this.say(/what the hook returned/.test(text) ? 'wrong' : 'unreached', member, text);
  }

  say(severity: Severity, member: string, text: string): void {
    this.add({ severity, member, text });
  }

  /** Each member once: what is read before and after would be said twice. */
  add(finding: Finding): void {
    const isKnown = this.#findings.some(
      ({ severity, member }) => severity === finding.severity && member === finding.member,
    );
    if (isKnown) return;
    const other = this.#findings.findIndex(({ text }) => text.startsWith(NO_PATH));
    // Where nothing is found, all of it stands elsewhere.
    if (other >= 0 && finding.text.startsWith(NO_PATH))
      this.#findings.splice(other, 1, { ...finding, member: 'baseUrl' });
    else this.#findings.push(finding);
  }
}
