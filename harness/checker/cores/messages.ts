/** What the thread that sees a whole history and a part of its customers say to each other. */

import type { Answer, Parcel } from './parcel.ts';
import type { PartResult, Tellings } from './part.ts';

export type ToPart =
  | { readonly kind: 'parcel'; readonly parcel: Parcel }
  | { readonly kind: 'finish' }
  | { readonly kind: 'tell'; readonly tellings: Tellings };

export type FromPart =
  | { readonly kind: 'done'; readonly number: number; readonly answers: readonly Answer[] }
  | { readonly kind: 'result'; readonly result: PartResult }
  | { readonly kind: 'failed'; readonly message: string };

/** A part, wherever it runs. */
export interface PartPort {
  send(message: ToPart): void;
  /** Called once, before anything is sent. */
  listen(hear: (message: FromPart) => void): void;
  close(): Promise<void>;
}

/** What a thread of a part is started with. */
export interface PartTask {
  readonly shelves: readonly SharedArrayBuffer[];
}
