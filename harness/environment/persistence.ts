/**
 * What our Redis syncs to its disk: every write before it is acknowledged, all once a second, or nothing (and after a
 * kill it is empty).
 */
export const PERSISTENCES = ['always', 'everysec', 'none'] as const;
export type Persistence = (typeof PERSISTENCES)[number];
