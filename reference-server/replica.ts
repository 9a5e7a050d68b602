/** One replica: a listener with its parts, which can crash and come back. */

import { randomUUID } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract } from '../harness/model/contract.ts';
import type { CrashPoint } from '../harness/model/protocol.ts';
import type { Access } from './access.ts';
import { buildApp, type App } from './app.ts';
import type { Arms } from './arms.ts';
import type { Defect } from './defects/defect.ts';
import { Lifeline } from './lifeline.ts';
import type { RedeemParts, Step, StepPlace, StepPoint } from './redeem.ts';
import { fingerprintBy } from './rules.ts';
import type { Store } from './store.ts';

export interface ReplicaOptions {
  /** 1-based. */
  readonly index: number;
  readonly host: string;
  /** 0: any free one, kept over a crash. */
  readonly port: number;
  readonly store: Store;
  readonly contract: Contract;
  readonly access: Access;
  readonly arms: Arms;
  readonly rewards: ReadonlySet<string>;
  readonly fulfilMs: number;
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly defect?: Defect;
  /** A crash ends the process; otherwise it is simulated. */
  readonly isMortal: boolean;
  /** What a crash is here. It need not return. */
  readonly onCrash: (point: CrashPoint, place: StepPlace, replica: Replica) => void;
  /** A redemption stands at an armed point until the arms are cleared. */
  readonly onHeld: (point: CrashPoint, place: StepPlace) => void;
  readonly log: (line: string) => void;
}

/** How slow a careless edition's gap between two steps is, ms: a round trip to a busy store. */
const GAP_MS = 3;

export class Replica {
  readonly #options: ReplicaOptions;
  readonly #sockets = new Set<Socket>();
  #lifeline = new Lifeline();
  #app: App | undefined;
  #port: number;
  #clockErrorMs = 0;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  get url(): string {
    const { host } = this.#options;
    return `http://${urlHost(host)}:${this.#port}`;
  }

  /** Its own clock is wrong by so much from now on, ms, also after a simulated crash; 0 puts it right. */
  skew(clockErrorMs: number): void {
    this.#clockErrorMs = clockErrorMs;
  }

  /** Builds everything anew (nothing local survives a crash) and listens. */
  async start(): Promise<void> {
    const { access, log, host } = this.#options;
    this.#lifeline = new Lifeline();
    const app = await buildApp({ parts: this.#parts(this.#lifeline), access, log });
    app.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await app.listen({ host, port: this.#port });
    this.#port = (app.server.address() as AddressInfo).port;
    this.#app = app;
  }

  /** A simulated crash: connections are reset, work is abandoned where it stands, new connections are refused. */
  crash(): void {
    this.#lifeline.cut();
    this.#app?.server.close();
    this.#app = undefined;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  /** Takes no more requests and resolves when those in flight are answered. */
  async close(): Promise<void> {
    const app = this.#app;
    this.#app = undefined;
    await app?.close();
  }

  #parts(lifeline: Lifeline): RedeemParts {
    const { store, contract, rewards, fulfilMs, leaseMs, waitMs, arms, index, defect, isMortal } =
      this.#options;
    const parts: RedeemParts = {
      // Where a crash is the end of the process, nothing needs to be cut off.
      store: isMortal ? store : lifeline.over(store),
      contract,
      leaseMs,
      waitMs,
      isRewardKnown: (reward) => rewards.has(reward),
      fulfil: async () => {
        if (fulfilMs > 0) await lifeline.carry(() => sleep(fulfilMs));
      },
      step: this.#step(lifeline),
      newId: randomUUID,
      fingerprint: fingerprintBy(contract),
      sleep: (ms) => lifeline.carry(() => sleep(ms)),
      clockErrorMs: () => this.#clockErrorMs,
      splitsDebit: (place) => arms.has('after-claim', place, index),
    };
    return defect ? defect.apply(parts) : parts;
  }

  #step(lifeline: Lifeline): Step {
    const { arms, index, onCrash, onHeld } = this.#options;
    return async (point: StepPoint, place: StepPlace) => {
      if (point === 'gap') await lifeline.carry(() => sleep(GAP_MS));
      const arm = arms.take(point, place, index);
      if (arm?.action === 'pause') await lifeline.carry(() => sleep(arm.pauseMs));
      if (arm?.action === 'hold') {
        onHeld(arm.point, place);
        await lifeline.carry(() => arms.hold());
      }
      if (arm?.action !== 'crash') return;
      onCrash(arm.point, place, this);
      await new Promise<never>(() => {});
    };
  }
}

/** A host as a URL has it: an address of IPv6 in brackets. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
