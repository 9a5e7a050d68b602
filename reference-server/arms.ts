/** Crashes and pauses that a test hook has armed at named points. */

import type { CrashPoint } from '../harness/model/protocol.ts';
import type { StepPlace, StepPoint } from './redeem.ts';

export interface Arm {
  readonly point: CrashPoint;
  readonly action: 'crash' | 'pause';
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

  clear(): void {
    this.#arms = [];
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
