/**
 * Looks, before anything is attacked, whether a config describes its endpoint: one customer is made, balance and list are
 * read, one redemption is sent, sent again, and read back; by the client with which the audit reads.
 */

import type { Exchange } from '../audit/bounded-client.ts';
import type { Contract } from '../model/contract.ts';
import { uuidFrom } from '../model/decide.ts';
import type { LedgerDebit } from '../model/protocol.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';
import { shownDebits } from './booked.ts';
import type { Finding } from './finding.ts';
import { Findings } from './findings.ts';
import { jsonOf, type Found } from './found.ts';
import { lackingIn, lookIn, lookInAnswer, lookInItem } from './looks.ts';
import { proposalsOf, type Proposal } from './proposals.ts';
import { isShown, misreadingsOf, type Reading, type Unshown } from './readings.ts';
import { refusalFinding, requestLine, type Call } from './refused.ts';
import { Talk, type Answer, type Said, type TalkOptions } from './talk.ts';

export interface PreflightOptions extends TalkOptions {
  readonly contract: Contract;
  /** Kind of the config's auth, for what is said of a refused token. */
  readonly auth: string;
  /** Member of the config that reads the ledger, where one is read. */
  readonly ledger?: string;
  /** Customers that exist; the first one with enough points is used. Empty: `provision` makes one. */
  readonly customers: readonly string[];
  /** Makes a customer with these points by the config's hook; gives what went wrong, in words. */
  readonly provision: (customer: string, points: number) => Promise<string | undefined>;
  /** Whether two requests are sent at once, to see what the second one is told. */
  readonly triesInFlight: boolean;
  readonly runId: string;
}

export type StepName =
  'provision' | 'balance' | 'list' | 'ledger' | 'redeem' | 'replay' | 'read back' | 'in flight';

/** One thing that was done, with what went over the wire and what the pointers found in it. */
export interface Step {
  readonly name: StepName;
  readonly exchanges: readonly Exchange[];
  readonly found: readonly Found[];
  /** What no exchange shows. */
  readonly note?: string;
}

export interface PreflightResult {
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  readonly proposals: readonly Proposal[];
  readonly unshown: readonly Unshown[];
  readonly tookMs: number;
}

const PAUSE_MS = 150;
/** So many listed customers are asked for points. */
const MAX_CUSTOMERS = 5;
/** A made customer gets points for so many redemptions. */
const REDEMPTIONS = 4;

/** Never throws for what the endpoint does. */
export async function preflight(options: PreflightOptions): Promise<PreflightResult> {
  const walk = new Walk(options);
  const startedAt = options.now();
  try {
    await walk.go();
  } finally {
    await walk.close();
  }
  const { steps, findings, proposals, unshown } = walk;
  return { steps, findings: findings.all, proposals, unshown, tookMs: options.now() - startedAt };
}

class Walk {
  readonly steps: Step[] = [];
  readonly findings = new Findings();
  proposals: readonly Proposal[] = [];
  readonly unshown: Unshown[] = [];
  readonly #options: PreflightOptions;
  readonly #talk: Talk;
  #customer = '';

  constructor(options: PreflightOptions) {
    this.#options = options;
    this.#talk = new Talk(options);
  }

  async close(): Promise<void> {
    await this.#talk.close();
  }

  async go(): Promise<void> {
    const { contract, capabilities, triesInFlight } = this.#options;
    const before = capabilities.provision ? await this.#made() : await this.#listed();
    if (before === undefined || this.#mustEnd) return;
    const payload = this.#payload('preflight');
    const since = this.#options.now();
    const first = await this.#redeem('redeem', payload);
    if (first === undefined || this.#mustEnd) return;
    const again = await this.#redeem('replay', payload);
    if (this.#mustEnd) return;
    await this.#readBack(before, first.value, payload, since);
    if (this.#mustEnd) return;
    const pair = triesInFlight ? await this.#twoAtOnce() : [];
    if (again !== undefined) this.proposals = proposalsOf(contract, first, again, pair);
  }

  /** Nobody answers, so that more requests would say the same; or points of a listed customer would be spent in vain. */
  get #mustEnd(): boolean {
    if (this.#options.signal.aborted || this.#isUnreached) return true;
    return !this.#options.capabilities.provision && this.findings.have('wrong');
  }

  async #made(): Promise<Reading | undefined> {
    const { provision, target, runId } = this.#options;
    const points = REDEMPTIONS * (target.rewards[0]?.points ?? 1);
    this.#customer = `cust_${runId}_preflight`;
    const problem = await provision(this.#customer, points);
    const note = `hooks.provision({ customer: '${this.#customer}', points: ${points} })`;
    this.steps.push({ name: 'provision', exchanges: [], found: [], note });
    if (problem !== undefined) {
      this.findings.sayHook('hooks.provision', problem);
      return undefined;
    }
    const reading = await this.#read();
    const balance = reading.balance?.value;
    if (balance !== undefined && balance !== points)
      this.findings.say(
        'warning',
        'balance',
        `it reads ${balance}, and hooks.provision was asked for ${points} points`,
      );
    return reading;
  }

  /** The first customer of the list that has enough points. */
  async #listed(): Promise<Reading | undefined> {
    const { capabilities, customers, target } = this.#options;
    const price = target.rewards[0]?.points ?? 1;
    const poor: string[] = [];
    for (const customer of customers.slice(0, MAX_CUSTOMERS)) {
      this.#customer = customer;
      const reading = await this.#read();
      const balance = reading.balance?.value;
      if (!capabilities.balance || this.findings.all.length > 0) return reading;
      if (balance === undefined || balance >= price) return reading;
      poor.push(`${customer} has ${balance}`);
      this.steps.length = 0;
    }
    this.findings.say(
      'wrong',
      'customers',
      `too few points for rewards[0], which costs ${price}: ${poor.join(', ')}`,
    );
    return undefined;
  }

  async #read(): Promise<Reading> {
    const { capabilities, target } = this.#options;
    let reading: Reading = {};
    if (capabilities.balance) {
      const balance = await this.#talk.balance(this.#customer);
      const { exchanges, value } = balance;
      const looked = { pointer: target.balance?.value, isRead: value !== undefined } as const;
      await this.#note('balance', 'balance', exchanges, (last) =>
        lookIn(last, [{ member: 'balance.value', ...looked }]),
      );
      reading = { ...reading, balance };
    }
    if (capabilities.redemptions && !this.#isUnreached) {
      const list = await this.#talk.list(this.#customer);
      const { exchanges, value } = list;
      const looked = { pointer: target.redemptions?.items, isRead: value !== undefined } as const;
      await this.#note('list', 'redemptions', exchanges, (last) =>
        lookIn(last, [{ member: 'redemptions.items', ...looked }]),
      );
      reading = { ...reading, list };
    }
    if (capabilities.ledger && !this.#isUnreached) {
      const ledger = await this.#ledger();
      reading = { ...reading, ...(ledger && { ledger }) };
    }
    return reading;
  }

  get #isUnreached(): boolean {
    return this.findings.have('unreached');
  }

  get #ledgerMember(): string {
    return this.#options.ledger ?? 'hooks.ledger';
  }

  /** What goes over the wire for it is between the harness and its own bridge to the hooks. */
  async #ledger(): Promise<readonly LedgerDebit[] | undefined> {
    const { exchanges, value } = await this.#talk.ledger(this.#customer);
    const told = value === undefined ? 'nothing' : shownDebits(value);
    const note = `${this.#ledgerMember} of ${this.#customer}: ${told}`;
    this.steps.push({ name: 'ledger', exchanges: [], found: [], note });
    if (value !== undefined) return value;
    const { answer, error = 'it gave nothing' } = exchanges.at(-1) ?? {};
    const words = (hookWords(answer?.text) ?? error).replace(/^hook ledger: /, '');
    // The ledger may be one that `effects` reads.
    const [, effects, rest] = /^(effects\.\w+) ([^]+)$/.exec(words) ?? [];
    this.findings.sayHook(effects ?? this.#ledgerMember, rest ?? words);
    return undefined;
  }

  /** One attempt. Undefined: it did not come to a 2xx, and what that says was said. */
  async #redeem(name: 'redeem' | 'replay', payload: RedeemPayload): Promise<Said<Answer> | undefined> {
    const { target } = this.#options;
    const said = await this.#talk.redeem(payload, this.#key);
    const { value: answer = { by: 'server' }, exchanges } = said;
    const { status = 0 } = answer;
    const isDone = status >= 200 && status < 300;
    if (name === 'redeem') {
      await this.#note('redeem', 'redeem', exchanges, (last) => lookInAnswer(target, last, answer, payload));
      if (exchanges.length === 0)
        this.findings.say('unreached', 'redeem', answer.error ?? 'it could not be sent');
      this.#sayOfCustomer(answer);
      if (answer.status === undefined)
        for (const finding of lackingIn(target, exchanges)) this.findings.add(finding);
      return isDone ? said : undefined;
    }
    this.steps.push({ name, exchanges, found: [] });
    if (isDone) return said;
    const last = exchanges.at(-1);
    const told = last === undefined ? 'the same key again' : `the same key again (${requestLine(last)})`;
    const what = status === 0 ? `is not answered: ${answer.error ?? '?'}` : `is answered with ${status}`;
    this.findings.say('warning', 'redeem', `${told} ${what}, and not with the first answer`);
    return undefined;
  }

  #sayOfCustomer({ customer }: Answer): void {
    if (customer === undefined || customer === this.#customer) return;
    const pointer = this.#options.target.answer.customer ?? '';
    const text = `\`${pointer}\` is ${JSON.stringify(customer)}, and it was asked for ${this.#customer}`;
    this.findings.say('warning', 'answer.customer', text);
  }

  /** Balance, list and ledger after a redemption, again as long as they may lag. */
  async #readBack(
    before: Reading,
    answer: Answer = { by: 'server' },
    payload: RedeemPayload,
    redeemedAt: number,
  ): Promise<void> {
    const { lagMs, now, sleep, target, capabilities, signal } = this.#options;
    if (!capabilities.balance && !capabilities.redemptions && !capabilities.ledger) return;
    const since = now();
    const looked = { target, before, answer, payload, key: this.#key, ledgerMember: this.#ledgerMember };
    for (;;) {
      const mark = this.steps.length;
      const after = await this.#read();
      const read = this.steps.splice(mark);
      const isLast = isShown(looked, after) || now() - since >= lagMs || signal.aborted || this.#isUnreached;
      if (!isLast) {
        await sleep(PAUSE_MS);
        continue;
      }
      const found = lookInItem(target, after.list?.exchanges ?? [], answer, payload);
      this.findings.sayFound(found, after.list?.exchanges.at(-1));
      const note = read.find(({ name }) => name === 'ledger')?.note;
      this.steps.push({
        name: 'read back',
        exchanges: read.flatMap(({ exchanges }) => exchanges),
        found: [...read.flatMap((step) => step.found), ...found],
        ...(note !== undefined && { note }),
      });
      for (const { member, text, unshown } of misreadingsOf(
        { ...looked, between: [redeemedAt, now()] },
        after,
      )) {
        this.findings.say('warning', member, text);
        if (unshown !== undefined) this.unshown.push(unshown);
      }
      return;
    }
  }

  get #key(): string {
    return uuidFrom('preflight', this.#options.runId, 'preflight');
  }

  async #twoAtOnce(): Promise<readonly Answer[]> {
    const { runId } = this.#options;
    const key = uuidFrom('preflight', runId, 'in-flight');
    const pair = await this.#talk.redeemTwice(this.#payload('preflight-2'), key);
    this.steps.push({ name: 'in flight', exchanges: this.#talk.exchanges, found: [] });
    const [one, two] = pair.map(({ redemption }) => redemption);
    if (one !== undefined && two !== undefined && one !== two)
      this.findings.say(
        'warning',
        'redeem',
        `two requests at once with one key were answered with two redemptions, ${one} and ${two}`,
      );
    return pair;
  }

  /** Writes a step down, and what it says: of the pointers for a 2xx, else of the config or the endpoint. */
  async #note(
    name: StepName,
    call: Call,
    exchanges: readonly Exchange[],
    look: (last: Exchange | undefined) => readonly Found[],
  ): Promise<void> {
    const last = exchanges.at(-1);
    const status = last?.answer?.status ?? 0;
    if (last === undefined || (status >= 200 && status < 300)) {
      const found = look(last);
      this.steps.push({ name, exchanges, found });
      this.findings.sayFound(found, last);
      return;
    }
    this.steps.push({ name, exchanges, found: [] });
    const { target, contract, auth, timeoutMs } = this.#options;
    const isNoRoute = status === 404 ? await this.#talk.isNoRoute(last, this.#customer) : false;
    const asked = { call, target, contract, auth, timeoutMs, exchange: last, customer: this.#customer };
    this.findings.add(refusalFinding({ ...asked, isNoRoute }));
  }

  #payload(name: string): RedeemPayload {
    const { target, runId } = this.#options;
    const [reward] = target.rewards;
    const [type] = target.redemptionTypes;
    return {
      customer: this.#customer,
      reward: reward?.id ?? '',
      points: reward?.points ?? 1,
      ...(type !== undefined && { type }),
      ...(target.sendsClientRedemptionId && { clientRedemptionId: `${runId}-${name}` }),
    };
  }
}

/** What the bridge to the hooks says of one that failed. */
function hookWords(text: string | undefined): string | undefined {
  const body = jsonOf(text ?? '');
  if (typeof body !== 'object' || body === null || !('detail' in body)) return undefined;
  return typeof body.detail === 'string' ? body.detail : undefined;
}
