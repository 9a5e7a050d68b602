import { describe, expect, test } from 'vitest';
import {
  clockReading,
  DATE_RESOLUTION_MS,
  dateSample,
  type ClockSample,
} from '../../harness/model/common-clock.ts';

/** Samples as a process whose clock is `aheadMs` behind the server's takes them. */
function samples(aheadMs: number, { count = 26, everyMs = 45, tripMs = 4 } = {}): ClockSample[] {
  return Array.from({ length: count }, (_, index) => {
    const sentAt = 1_800_000_000_123 + index * everyMs;
    const serverNow = sentAt + aheadMs + tripMs / 2;
    return {
      sentAt,
      receivedAt: sentAt + tripMs,
      serverAt: Math.floor(serverNow / 1000) * 1000,
      resolutionMs: DATE_RESOLUTION_MS,
    };
  });
}

describe('a common clock', () => {
  test.each([0, 5_000, -5_000, 123.4, -86_400_000])(
    'that is %d ms ahead is found, within what is told',
    (aheadMs) => {
      const reading = clockReading(samples(aheadMs), 'test');
      expect(Math.abs((reading?.aheadMs ?? NaN) - aheadMs)).toBeLessThanOrEqual(reading?.uncertaintyMs ?? 0);
      // A turn of the second was seen: far better than a second.
      expect(reading?.uncertaintyMs).toBeLessThan(60);
    },
  );

  test('is the less certain the fewer samples there are', () => {
    expect(clockReading(samples(0, { count: 1 }), 'test')?.uncertaintyMs).toBeGreaterThan(500);
    expect(clockReading([], 'test')).toBeUndefined();
  });

  test('that was set in between is told with the widest bounds', () => {
    const reading = clockReading([...samples(0), ...samples(60_000)], 'test');
    expect(reading?.uncertaintyMs).toBeGreaterThan(29_000);
    for (const ahead of [0, 60_000])
      expect(Math.abs((reading?.aheadMs ?? NaN) - ahead)).toBeLessThanOrEqual(reading?.uncertaintyMs ?? 0);
  });

  test('without a date says nothing', () => {
    expect(dateSample(undefined, 0, 1)).toBeUndefined();
    expect(dateSample('yesterday', 0, 1)).toBeUndefined();
    expect(dateSample('Tue, 15 Nov 1994 08:12:31 GMT', 0, 1)?.serverAt).toBe(784_887_151_000);
  });
});
