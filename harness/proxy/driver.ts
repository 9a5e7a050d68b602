import type { ProxySpec, ProxyState, ToxicSpec, ToxicState, ToxicUpdate } from './types.ts';

/**
 * What the nemesis drives, embedded or real. Names are those that `create` was given. After `close` nothing that
 * the driver made is left, and nothing that others made was touched.
 */
export interface ToxicDriver {
  /**
   * Is there room for one more toxic on that direction of the proxy's connections? Absent: always. A driver that keeps
   * so few refuses a toxic that finds no room.
   */
  hasRoom?(proxy: string, stream: string): boolean;
  create(spec: ProxySpec): Promise<ProxyState>;
  addToxic(proxy: string, spec: ToxicSpec): Promise<ToxicState>;
  updateToxic(proxy: string, toxic: string, update: ToxicUpdate): Promise<ToxicState>;
  removeToxic(proxy: string, toxic: string): Promise<void>;
  setEnabled(proxy: string, enabled: boolean): Promise<ProxyState>;
  delete(proxy: string): Promise<void>;
  list(): Promise<ProxyState[]>;
  close(): Promise<void>;
}
