import { harnessError } from '../../base/errors.ts';
import type { Door, DoorOptions } from './types.ts';

/** Opens a door before a store; throws when it cannot listen. */
export function openDoor(options: DoorOptions): Promise<Door> {
  return Promise.reject(harnessError('door', `a door of kind ${options.kind} is not here yet`));
}
