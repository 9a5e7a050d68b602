import { describe, expect, test } from 'vitest';
import { spanIdOf, traced, traceIdOf, traceParent, traceUrlOf } from '../../harness/model/trace.ts';
import { traceLinks } from '../../harness/report/traces.ts';
import type { Verdict, Violation } from '../../harness/model/verdict.ts';

describe('the trace of an attempt', () => {
  test('is a traceparent of version 00, the same for the same run and attempt, another for any other', () => {
    const header = traceParent('run-1', 'rs-1-1.1');
    expect(header).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceParent('run-1', 'rs-1-1.1')).toBe(header);
    const others = [
      traceParent('run-2', 'rs-1-1.1'),
      traceParent('run-1', 'rs-1-1.2'),
      traceParent('run-1', 'rs-1-2.1'),
    ];
    expect(new Set([header, ...others]).size).toBe(4);
    expect(header.split('-').slice(1, 3)).toEqual([
      traceIdOf('run-1', 'rs-1-1.1'),
      spanIdOf('run-1', 'rs-1-1.1'),
    ]);
  });

  test('leaves a traceparent of a config as it is, in any case', () => {
    const own = { Traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    expect(traced(own, 'run-1', 'a.1')).toEqual(own);
    expect(Object.keys(traced({ accept: '*/*' }, 'run-1', 'a.1'))).toEqual(['accept', 'traceparent']);
    expect(traced({}, undefined, 'a.1')).toEqual({});
  });

  test('is linked by template', () => {
    const url = traceUrlOf('https://traces.example/t/{trace_id}?span={span_id}', 'run-1', 'a.1');
    expect(url).toBe(
      `https://traces.example/t/${traceIdOf('run-1', 'a.1')}?span=${spanIdOf('run-1', 'a.1')}`,
    );
  });

  test.each([
    ['https://traces.example/{trace_id}', 2],
    [undefined, 0],
    // A history may have been written by anybody.
    ['javascript:alert(1)//{trace_id}', 0],
    ['https://traces.example/{trace_id}"onclick="x', 0],
  ])('of a run whose template is %s has %i links', (traceUrl, count) => {
    const run = { runId: 'r', ...(traceUrl !== undefined && { traceUrl }) } as Verdict['run'];
    const violation: Violation = {
      rule: 'double-debit',
      summary: 's',
      attempts: ['a.1', 'a.2', 'a.1'],
      expected: 'e',
      found: 'f',
    };
    expect(traceLinks(run, violation, undefined)).toHaveLength(count);
  });
});
