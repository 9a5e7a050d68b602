/** Crashes, pauses and holds that a test hook has armed at named points. */

import type { CrashPoint } from '../harness/model/protocol.ts';
import type { StepPlace, StepPoint } from './redeem.ts';

export interface Arm {
  readonly point: CrashPoint;
  /** `hold`: a pause that lasts until the arms are cleared. */
  readonly action: 'crash' | 'pause' | 'hold';
  /** How long a pause lasts, ms. */
  readonly pauseMs: number;
  /** Absent: any key, customer, replica. */
  readonly key?: string;
  readonly customer?: string;
  /** 1-based. */
  readonly replica?: number;
  /** How often it still fires. */
  readonly times: number;
}

/** More would be a leak of the one who arms. */
const MAX_ARMS = 10_000;

export class Arms {
  #arms: Arm[] = [];
  readonly #held = new Set<() => void>();

  /** False: there are too many already. */
  add(arm: Arm): boolean {
    if (this.#arms.length >= MAX_ARMS) return false;
    this.#arms.push(arm);
    return true;
  }

  /** Whether something waits at this point for this redemption. */
  has(point: StepPoint, place: StepPlace, replica: number): boolean {
    return this.#arms.some((arm) => matches(arm, point, place, replica));
  }

  /** Uses up one firing, the oldest arm first. */
  take(point: StepPoint, place: StepPlace, replica: number): Arm | undefined {
    const index = this.#arms.findIndex((arm) => matches(arm, point, place, replica));
    const arm = this.#arms[index];
    if (!arm) return undefined;
    if (arm.times <= 1) this.#arms.splice(index, 1);
    else this.#arms[index] = { ...arm, times: arm.times - 1 };
    return arm;
  }

  /** Resolves when the arms are cleared. */
  hold(): Promise<void> {
    return new Promise((released) => this.#held.add(released));
  }

  /** Nothing is armed any more, and what is held goes on. */
  clear(): void {
    this.#arms = [];
    for (const release of this.#held) release();
    this.#held.clear();
  }
}

function matches(arm: Arm, point: StepPoint, place: StepPlace, replica: number): boolean {
  return (
    arm.point === point &&
    (arm.key === undefined || arm.key === place.key) &&
    (arm.customer === undefined || arm.customer === place.customer) &&
    (arm.replica === undefined || arm.replica === replica)
  );
}
