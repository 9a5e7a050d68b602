/** What the processes of the server benchmark tell each other. */

export const CUSTOMERS = Array.from({ length: 256 }, (_, n) => `bench-${n}`);

export type ServerTask =
  | { readonly role: 'bare'; readonly redisUrl: string; readonly token: string }
  | {
      readonly role: 'load';
      readonly url: string;
      readonly token: string;
      readonly connections: number;
      readonly ms: number;
    };

export type ServerTaskAnswer =
  { readonly url: string } | { readonly requests: number; readonly failed: number; readonly ms: number };
