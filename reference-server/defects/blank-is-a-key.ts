import { redeem, type Careless } from '../redeem.ts';
import type { Defect } from './defect.ts';

/** Takes an empty header for a key. */
export const blankIsAKey: Defect = {
  name: 'blank-is-a-key',
  description: 'accepts a blank key: all clients that send one share a slot',
  reason: 'The header is there, so `headers[name] !== undefined` is true.',
  rules: ['key-syntax'],
  bugClasses: [46],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => {
    const around: Careless['around'] = (own, request) => {
      const isBlank = typeof request.key === 'string' && request.key.trim() === '';
      return redeem(own, isBlank ? { ...request, key: 'blank' } : request);
    };
    return { ...parts, careless: { around } };
  },
};
