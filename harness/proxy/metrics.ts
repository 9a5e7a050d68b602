import type { ByteCounts } from './link.ts';
import type { ProxyState } from './types.ts';

interface Counted {
  readonly state: ProxyState;
  readonly counts: Readonly<Record<'upstream' | 'downstream', ByteCounts>>;
}

/** Prometheus' text format with Toxiproxy's two counters; bytes count as they flow, not when a connection ends. */
export function metricsText(proxies: Iterable<Counted>): string {
  const all = [...proxies];
  const lines = (['received', 'sent'] as const).flatMap((kind) => [
    `# HELP toxiproxy_proxy_${kind}_bytes_total`,
    `# TYPE toxiproxy_proxy_${kind}_bytes_total counter`,
    ...all.flatMap(({ state, counts }) =>
      (['upstream', 'downstream'] as const).map((direction) => {
        const labels = { direction, listener: state.listen, proxy: state.name, upstream: state.upstream };
        return `toxiproxy_proxy_${kind}_bytes_total{${labelText(labels)}} ${counts[direction][kind]}`;
      }),
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`)
    .join(',');
}
