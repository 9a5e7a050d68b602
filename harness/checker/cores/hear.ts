/** A part's answer to what it is told. */

import { messageOf } from '../../base/errors.ts';
import type { FromPart, ToPart } from './messages.ts';
import type { Part } from './part.ts';

export function heard(part: Part, message: ToPart): FromPart {
  try {
    return answerTo(part, message);
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) };
  }
}

function answerTo(part: Part, message: ToPart): FromPart {
  if (message.kind === 'parcel')
    return { kind: 'done', number: message.parcel.number, answers: part.take(message.parcel) };
  return {
    kind: 'result',
    result: message.kind === 'finish' ? part.finish() : part.tell(message.tellings),
  };
}
