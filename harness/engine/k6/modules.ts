/** The k6 modules that the embedded engine has, made anew for each VU. */
import { UNSUPPORTED_MEMBERS, unsupported } from '../unsupported.ts';
import { coreModule } from './core.ts';
import { cryptoModule } from './crypto.ts';
import { dataModule } from './data.ts';
import { encodingModule } from './encoding.ts';
import { executionModule } from './execution.ts';
import { httpModule } from './http.ts';
import { pagesOf } from './run-state.ts';
import { metricsModule } from './script-metrics.ts';
import { timersModule } from './timers.ts';
import type { VuContext } from './vu-context.ts';

/** Import name to module, the same object as named and default export. */
export const K6_MODULES: ReadonlyMap<string, (vu: VuContext) => object> = new Map(
  Object.entries<(vu: VuContext) => object>({
    k6: coreModule,
    'k6/crypto': cryptoModule,
    'k6/data': dataModule,
    'k6/encoding': encodingModule,
    'k6/execution': executionModule,
    'k6/html': (vu) => pagesOf(vu.run, 'k6/html').module(vu.realm),
    'k6/http': httpModule,
    'k6/metrics': metricsModule,
    'k6/timers': timersModule,
  }).map(([name, make]) => [name, (vu: VuContext) => withRefusals(name, make(vu), vu)]),
);

/** A member that is missing here but not in k6 says so when it is called. */
function withRefusals(name: string, module: object, vu: VuContext): object {
  for (const member of UNSUPPORTED_MEMBERS[name] ?? []) {
    const refuse = (): never => vu.run.refuse(unsupported(`${member} of ${name}`));
    Object.defineProperty(module, member, { value: refuse, enumerable: true });
  }
  return module;
}
