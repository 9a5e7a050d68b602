import { ANSWERS } from './answers.ts';
import { CONNECTIONS } from './connections.ts';
import { COOKIES } from './cookies.ts';
import { MODULES } from './modules.ts';
import { OPTIONS } from './options.ts';
import { REALMS } from './realms.ts';
import { REQUESTS } from './requests.ts';
import type { Row } from './row.ts';
import { URLS } from './urls.ts';

/** Every recorded row, by idea. */
export const ROWS: Readonly<Record<string, readonly Row[]>> = {
  cookies: COOKIES,
  requests: REQUESTS,
  URLs: URLS,
  answers: ANSWERS,
  modules: MODULES,
  options: OPTIONS,
  realms: REALMS,
  connections: CONNECTIONS,
};
