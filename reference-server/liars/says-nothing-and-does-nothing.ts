import { everyNth, keyOf, type Liar } from './liar.ts';

/** A success without a word, and without a deed. */
export const saysNothingAndDoesNothing: Liar = {
  name: 'says-nothing-and-does-nothing',
  description: 'answers every third key 200 with an empty body, and does nothing',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit'],
  lies: () => {
    const isEmpty = everyNth(3);
    return {
      redeem: async (request, honest) =>
        request.key !== undefined && isEmpty(keyOf(request))
          ? { status: 200, headers: { 'content-type': 'application/json' }, text: '' }
          : await honest(),
    };
  },
};
