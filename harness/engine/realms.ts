/** The realms of a run: one for each VU, as in k6, or one that all share. */
import { Realm } from './k6/realm.ts';

/** So many VUs have a realm each: globals and prototypes of their own, as in k6. More share one. */
const MOST_REALMS = 200;

export class Realms {
  /** Whether all VUs but the helpers (VU 0) share one realm. */
  areShared = false;
  private shared: Realm | undefined = undefined;

  /** For so many VUs at once; tells when they have to share. */
  provideFor(vus: number, log: (level: string, text: string) => void): void {
    if (vus <= MOST_REALMS) return;
    this.areShared = true;
    log(
      'warning',
      `${vus} VUs share their globals and prototypes: only up to ${MOST_REALMS} have their own, as in k6`,
    );
  }

  /** A realm for a VU: its own, or that of all. */
  of(vuId: number): Realm {
    if (!this.areShared || vuId === 0) return new Realm();
    this.shared ??= new Realm();
    return this.shared;
  }
}
