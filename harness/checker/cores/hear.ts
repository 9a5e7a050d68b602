/** A part's answer to what it is told. */

import { messageOf } from '../../base/errors.ts';
import type { FromPart, ToPart } from './messages.ts';
import type { Part } from './part.ts';

export function heard(part: Part, message: ToPart): FromPart {
  try {
    switch (message.kind) {
      case 'parcel':
        return { kind: 'done', number: message.parcel.number, answers: part.take(message.parcel) };
      case 'finish':
        return { kind: 'result', result: part.finish() };
      case 'tell':
        return { kind: 'result', result: part.tell(message.tellings) };
    }
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) };
  }
}
