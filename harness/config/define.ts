/**
 * What a config says: the types of `onceproof.config.ts` and the function that gives it its type.
 * Nothing is imported at run time, so that a config file costs nothing to load.
 */

import type { Contract, ProfileName, Refusal, Unspecified } from '../model/contract.ts';
import type { Pointer, Template } from '../model/target.ts';
import type { UnsignedRequest } from '../proxy/types.ts';

/** A text, or the name of the environment variable that holds it. */
export type TextOrEnv = string | { readonly env: string };

/** A description of one's own redemption endpoint. What is left out is as `DEFAULTS` says. */
export interface OnceproofConfig {
  /** Of a JSON or YAML config: where its schema is, for editors. */
  readonly $schema?: string;
  /** Where the endpoint stands, e.g. `http://127.0.0.1:8080/loyalty`; paths are put behind it as they are. */
  readonly baseUrl?: TextOrEnv;
  /** In the place of `baseUrl`: several replicas of one endpoint, with one scheme and path. */
  readonly baseUrls?: readonly TextOrEnv[];
  /** Certificates for an https endpoint: an authority of one's own, and the client's own for mutual TLS. */
  readonly tls?: TlsConfig;
  /** `http://host:port`, perhaps with user and password: the HTTP proxy through which the endpoint is reached. */
  readonly httpProxy?: TextOrEnv;
  /**
   * Hosts that may be sent anything, as `host` (any port) or `host:port`. Default: the base URL's own host when it
   * is a loopback address; any other host has to be named here before a byte goes there.
   */
  readonly allowedHosts?: readonly string[];
  /** How a request is authorised (`Authorization: Bearer …`, unless it says otherwise). Default 'none'. A customer's own token comes first. */
  readonly auth?: AuthConfig;
  /** Headers of every request, reads too. `{customer_id}` may stand in them. */
  readonly headers?: Readonly<Record<string, TextOrEnv>>;
  /** Query members of every request, reads too. `{customer_id}` may stand in them. */
  readonly query?: Readonly<Record<string, TextOrEnv>>;
  readonly redeem: RedeemConfig;
  /** JSON pointers (RFC 6901) into an answer of the redeem call. */
  readonly answer: AnswerConfig;
  /**
   * Where the endpoint answers 202 and tells elsewhere how it ended: how that is asked for, until it is final. A
   * redemption counts as done or refused when that says so, and as open until then.
   */
  readonly status?: StatusConfig;
  /** How a balance is read. Absent: the rules that need it are listed as unjudged. */
  readonly balance?: BalanceConfig;
  /** How a customer's redemptions are listed. Absent: the rules that need it are listed as unjudged. */
  readonly redemptions?: RedemptionsConfig;
  /** What may be redeemed, with its price in points. At least one. */
  readonly rewards: readonly RewardConfig[];
  /**
   * Points in one of what the endpoint counts in: with 100 an amount of 12.50 is 1250 points. Everything in this config
   * is in points. Amounts may then stand as numbers or as texts in answers. Default: amounts are whole numbers of points.
   */
  readonly unit?: number;
  /** How `{points_amount}` is written: 12.5, or '12.50'. Default 'number'; 'text' alone means a unit of 1. */
  readonly amounts?: 'number' | 'text';
  /** Values for `{redemption_type}`. Default: the four of the seed where the body asks for one, else none. */
  readonly redemptionTypes?: readonly string[];
  /** What the endpoint promises: a profile's name, or a profile with rows replaced. Default 'seed'. */
  readonly contract?: ProfileName | ContractConfig;
  /** Customers that exist. Each is used by one virtual user at a time. Needed when there is no `hooks.provision`. */
  readonly customers?: readonly (string | CustomerConfig)[];
  /**
   * Functions that run in Node beside the test; each one that is there makes more rules judgeable. Clocks are moved
   * and points are given only where `provision` makes the customers: a listed one is used again.
   */
  readonly hooks?: HooksConfig;
  /** What the endpoint really did, read where it is booked: one line in the place of `hooks.ledger`. */
  readonly effects?: EffectsConfig;
  readonly limits?: LimitsConfig;
  /** What reports say beside what was judged. */
  readonly report?: ReportConfig;
  /** How many replicas stand behind the base URL. Default: those of `service`, else 1. */
  readonly replicas?: number;
  /**
   * The stores that the endpoint talks to, by name, so that they can be cut off and a sweep can stand at their messages.
   * The endpoint is pointed at `door`; with a `service`, `{name}` in its environment is replaced by where the door is.
   */
  readonly stores?: Readonly<Record<string, StoreConfig>>;
  /** The endpoint as a program: onceproof starts, kills, stops and restarts it itself. Linux and macOS. */
  readonly service?: ServiceConfig;
}

export interface ReportConfig {
  /**
   * Where the trace of one attempt is shown, e.g. `https://traces.example/trace/{trace_id}`. Every attempt sends a
   * `traceparent` (W3C Trace Context) with an id of its own; `{span_id}` may stand there too.
   */
  readonly traceUrl?: string;
}

/**
 * One row for each booking of a customer, with the columns `redemption`, `points` (not negative) and `at` (ms since the
 * epoch, or a time), and where there is one `key`, `client_redemption_id`, `kind` (debit, credit or reward; default
 * debit) and, for a reward, `reward`.
 */
export type EffectsConfig = (
  | {
      /** A statement that only reads, with `:customer` where the customer's id belongs; it is bound, never put in. */
      readonly sql: string;
      /** `postgres://…` (needs `pg`), `mysql://…` (`mysql2`) or `sqlite:FILE` (Node 22, or `better-sqlite3`). */
      readonly url: TextOrEnv;
    }
  /**
   * A program that prints a row a line as JSON; no shell. `{customer_id}` in an argument is the customer, and so is
   * ONCEPROOF_CUSTOMER in its environment.
   */
  | { readonly command: readonly string[] }
) & {
  /** The rows of the kind `reward` are all that was handed out, so that they are judged. Default false. */
  readonly rewards?: boolean;
};
/** PEM files, by paths from the config's folder; a variable may hold the path or the PEM text itself. */
export interface TlsConfig {
  /** Who is trusted, in the place of the system's own. */
  readonly ca?: TextOrEnv;
  readonly cert?: TextOrEnv;
  readonly key?: TextOrEnv;
  readonly passphrase?: TextOrEnv;
  /** Whom the endpoint's certificate names, when not its host. */
  readonly serverName?: string;
}

export interface StoreConfig {
  /** How it is spoken to: redis, postgres, mysql; bytes for any other. */
  readonly kind: 'redis' | 'postgres' | 'mysql' | 'bytes';
  /** Where it is: `host:port`, or a URL that holds both. */
  readonly at: TextOrEnv;
  /** Port on 127.0.0.1 at which its door listens. Needed without a `service`. */
  readonly door?: number;
}

export interface ServiceConfig {
  /** Program and arguments; no shell. `{port}` is the port of the replica, `{<store>}` the `host:port` of a store's door. */
  readonly command: readonly string[];
  /** Added to the environment of onceproof, with the same placeholders. Values are shown nowhere. */
  readonly env?: Readonly<Record<string, TextOrEnv>>;
  /** A path that answers 2xx when it is ready. Default: that it listens. */
  readonly ready?: string;
  /** Processes. Default 1. The first has the port of `baseUrl` (0: a free one), the others free ones. */
  readonly replicas?: number;
}

/** Where a token goes, when not to `Authorization: Bearer …`. */
export type SentAs =
  /** `scheme` is the word before the token. */
  { readonly header: string; readonly scheme?: string } | { readonly query: string };

/** Exactly one kind of token, or 'none'. */
export type AuthConfig =
  | 'none'
  /** One token for everything. */
  | { readonly token: TextOrEnv; readonly sentAs?: SentAs }
  /** The same, from the environment variable of this name. */
  | { readonly env: string; readonly sentAs?: SentAs }
  /** HTTP Basic (RFC 7617). A customer's own token is then the base 64 of its `user:password`. */
  | { readonly basic: { readonly user: TextOrEnv; readonly password: TextOrEnv } }
  /** A key in a header or a query parameter of that name. A customer's own token stands in its place. */
  | {
      readonly apiKey: ({ readonly header: string } | { readonly query: string }) & {
        readonly value: TextOrEnv;
      };
    }
  /** A program that prints a token, or JSON with `token` or `access_token` and perhaps `expires_in` (seconds). No shell. */
  | {
      readonly command: readonly string[];
      /** How long its token is used when it says nothing of an expiry. ms. */
      readonly ttlMs?: number;
      readonly sentAs?: SentAs;
    }
  | { readonly oauth: OAuthConfig; readonly sentAs?: SentAs }
  /** A function that makes a token for one customer. */
  | {
      readonly tokenFor: (customer: string) => string | Promise<string>;
      readonly ttlMs?: number;
      readonly sentAs?: SentAs;
    };

/** OAuth 2.0 client credentials (RFC 6749, section 4.4). */
export interface OAuthConfig {
  /** The host must be an allowed one. */
  readonly tokenUrl: TextOrEnv;
  readonly clientId: TextOrEnv;
  readonly clientSecret: TextOrEnv;
  readonly scope?: string;
  readonly audience?: string;
  /** How the client shows its secret: HTTP Basic, or members of the form body. Default 'basic'. */
  readonly clientAuth?: 'basic' | 'body';
}

/** One call, or a list of them. */
export type RedeemConfig =
  | (RedeemCallConfig & {
      /** The header that carries the idempotency key. Default: the contract's, `Idempotency-Key`. */
      readonly keyHeader?: string;
    })
  | {
      readonly keyHeader?: string;
      /**
       * Calls that make one redemption together, one after the other, e.g. one that reserves and one that confirms; each carries the
       * key, and each but the last has to be answered with 2xx. `answer` reads the last one's answer.
       */
      readonly calls: readonly (RedeemCallConfig & {
        /** What later calls need of this one's answer: `{ reservation: '/id' }` is `{reservation}` in their path, headers and body. */
        readonly take?: Readonly<Record<string, Pointer>>;
      })[];
    };

export interface RedeemCallConfig {
  /** POST, PUT or PATCH. Default 'POST'. */
  readonly method?: 'POST' | 'PUT' | 'PATCH';
  /** Starts with `/`; may hold `{customer_id}` and `{reward_id}`. */
  readonly path: string;
  /** The key stands in the body, there, and in no header: a JSON pointer. The same is a member `'{idempotency_key}'` in `body`. */
  readonly keyPointer?: Pointer;
  /**
   * More headers for the redeem call, with the placeholders of the body in them: `{ 'X-Order': '{client_redemption_id}' }`
   * sends the client's own name for the intent in a header.
   */
  readonly headers?: Readonly<Record<string, TextOrEnv>>;
  /**
   * The body, with `{customer_id}`, `{reward_id}`, `{points_amount}`, `{redemption_type}`, `{client_redemption_id}` and
   * `{idempotency_key}`. A text that is one placeholder takes the value's own type.
   */
  readonly body: Template;
  /** How the body is written. Default 'json'; 'form' (`application/x-www-form-urlencoded`) takes flat ones. */
  readonly bodyAs?: 'json' | 'form';
}

export interface AnswerConfig {
  /** The redemption's id in a 2xx. Absent: answers name none, as a 204 without a body, or `from: 'location'` does. */
  readonly redemption?: Pointer;
  /**
   * Where a redemption that was made (201) is told: 'body', the answer's own; 'location', the last segment of its
   * Location is the redemption's id; 'resource', the pointers hold in what a GET at Location answers. Default 'body'.
   */
  readonly from?: 'body' | 'location' | 'resource';
  /** The customer in a 200: with it, another customer's answer is noticed. */
  readonly customer?: Pointer;
  /** The balance after the redemption in a 200. */
  readonly balance?: Pointer;
  /** The stable code in an error. Absent: the statuses alone are judged, and no codes. */
  readonly code?: Pointer;
}

export interface StatusConfig {
  /** Where the 202 tells where to ask: a header's name, or a pointer into its body. Default 'Location'. */
  readonly from?: string;
  /** The path to ask at, with `{status}` for what `from` found, and `{customer_id}`. Default: what it found is the address. */
  readonly path?: string;
  /** Pointer to the word that says how far it is. Absent: the status says it; 202 is not yet, another 2xx is done. */
  readonly value?: Pointer;
  /** Words that say that it is done. Needed with `value`; other words than these and those of `refused` mean not yet. */
  readonly done?: readonly string[];
  /** Words that say that nothing was done, with the status that each stands for in the contract: `{ declined: 422 }`. */
  readonly refused?: Readonly<Record<string, number>>;
  /** Pointers into the final answer. Default: those of `answer`. */
  readonly answer?: AnswerConfig;
  /** Before the first question, and between two; a Retry-After comes first. ms, default 100. */
  readonly everyMs?: number;
  /** From the 202 on; what is not final by then stays open. ms, default 10,000. */
  readonly withinMs?: number;
  /** Questions at most. Default 50. */
  readonly mostPolls?: number;
}

export interface BalanceConfig {
  readonly path: string;
  /** Pointer to the number of points. */
  readonly value: Pointer;
}

export interface RedemptionsConfig {
  readonly path: string;
  /** Pointer to the array; '' when the whole body is the array. */
  readonly items: Pointer;
  /** Pointers within one item. */
  readonly redemption: Pointer;
  readonly clientRedemptionId?: Pointer;
  readonly reward?: Pointer;
  readonly points?: Pointer;
  readonly status?: Pointer;
  /** Pointer to the cursor of the next page; absent or null in the answer: it was the last one. */
  readonly nextCursor?: Pointer;
  /** Query parameter that takes the cursor. Default 'cursor'. */
  readonly cursorParameter?: string;
  /**
   * Pages without a cursor: by their number or an offset, until one is empty or shorter than `size`, or as the Link
   * header says (`rel="next"`). At most 1000 pages, 100000 entries and 32 MiB are read of one list (more bytes only with a
   * larger `limits.maxAnswerBytes`).
   */
  readonly paging?: PagingConfig;
}

export type PagingConfig =
  | { readonly by: 'link' }
  | {
      readonly by: 'page' | 'offset';
      /** Query parameter. Default: 'page' or 'offset'. */
      readonly parameter?: string;
      /** Number of the first page, 0 or 1. Default 1. */
      readonly first?: 0 | 1;
      /** How many stand on a full page. Absent: a page that is empty is the end. */
      readonly size?: number;
      /** Query parameter that asks for `size`. */
      readonly sizeParameter?: string;
    };

export interface RewardConfig {
  readonly id: string;
  readonly points: number;
}

export interface CustomerConfig {
  readonly id: string;
  /** Its account, where the paths of list or balance hold `{account_id}`. One of its own for each customer. */
  readonly account?: string;
  readonly token?: TextOrEnv;
}

/** A refusal may be given by its status alone: then its code is not judged. */
type Row<T> = Extract<T, Refusal> extends never ? T : T | number;

/** Rows replaced in a profile; every member as in docs/contract.md. */
export type ContractConfig = {
  readonly [K in Exclude<keyof Contract, 'profile'>]?: Row<Contract[K]> | Unspecified;
} & { readonly profile?: ProfileName };

export interface LimitsConfig {
  /**
   * Requests a second that the scripts start on average, shared out among their virtual users; half a second's worth
   * may come at once. Settling and reading back afterwards come on top.
   */
  readonly maxRequestsPerSecond?: number;
  readonly maxVus?: number;
  /** How long one attempt waits for its answer. ms. */
  readonly timeoutMs?: number;
  /** How long, after all faults ended, an intent may stay undecided. ms. */
  readonly settleMs?: number;
  /** Two reads that far apart must be equal before a customer's books are closed; 0: one read is enough. ms. */
  readonly quietMs?: number;
  /** How long reads that still differ are repeated: for lists, balances and ledgers that lag. ms. */
  readonly readLagMs?: number;
  /** Closed customers are read once more so long after the engine's end, for effects that come late; 0: never. ms. */
  readonly lateMs?: number;
  /** The largest body of an answer that is read, packed and unpacked: a larger one counts as not answered. bytes, default 4 MiB. */
  readonly maxAnswerBytes?: number;
}

type Awaitable<T> = T | Promise<T>;

/** A time: ms since the epoch, a Date, or an ISO 8601 text. */
export type Instant = number | Date | string;

/** How a handler is to fail. */
export interface FailNext {
  readonly how: 'error' | 'throw' | 'delay-before' | 'delay-after';
  /** Of the request, as it is sent. */
  readonly key: string;
  /** How late. ms; 0 for those that are not. */
  readonly delayMs: number;
  /** The replica that gets it, from 1. */
  readonly replica: number;
}

export interface HooksConfig {
  /**
   * Makes a customer with exactly these points under this very id. Called again for a customer that exists, it owes
   * the same: these points. What it returns: the customer's own token, where it has one.
   */
  readonly provision?: (asked: {
    readonly customer: string;
    readonly points: number;
  }) => Awaitable<{ readonly token?: string } | undefined | void>;
  /** Adds points, once per call. May return the balance after it. */
  readonly credit?: (asked: {
    readonly customer: string;
    readonly points: number;
  }) => Awaitable<number | undefined | void>;
  /**
   * Moves the clock by which the endpoint ages this customer's keys ahead by `byMs` (0: not at all), stops it there,
   * and returns what it stands at (ms since the epoch). A clock that cannot be stopped has no such hook.
   */
  readonly advanceClock?: (asked: { readonly customer: string; readonly byMs: number }) => Awaitable<Instant>;
  /** Sets that clock to `nowMs` and stops it there (`frozen`), or lets it run on from there at its usual pace. */
  readonly setClock?: (asked: {
    readonly customer: string;
    readonly nowMs: number;
    readonly frozen: boolean;
  }) => Awaitable<undefined | void>;
  /** What the endpoint really did for a customer, read where it is booked, oldest first. */
  readonly ledger?: (asked: { readonly customer: string }) => Awaitable<LedgerConfig>;
  /**
   * Headers that sign a request (HMAC and the like), asked for once for each request, reads too; a copy that something on the
   * way makes carries the same. The hop puts them on, so that plain `k6 run` cannot send such requests.
   */
  readonly sign?: (request: UnsignedRequest) => Awaitable<Readonly<Record<string, string>>>;
  /**
   * Lets the endpoint's handler fail at the request with this key that comes next: answer 500 before the work, throw after it, or be
   * late before or after it. It is then part of every fault schedule.
   */
  readonly failNext?: (asked: FailNext) => Awaitable<undefined | void>;
  /** Restarts the endpoint the hard way (kill, then start); resolves when it answers again. */
  readonly restart?: () => Awaitable<undefined | void>;
}

/** A ledger as a hook gives it. */
export interface LedgerConfig {
  readonly debits: readonly {
    readonly redemption: string;
    readonly points: number;
    readonly at: Instant;
    readonly key?: string | null;
    readonly clientRedemptionId?: string | null;
  }[];
  readonly credits?: readonly { readonly points: number; readonly at: Instant }[];
  /** Rewards that were really handed out. Absent: what was issued is not judged. */
  readonly rewards?: readonly {
    readonly redemption: string;
    readonly reward: string;
    readonly at: Instant;
  }[];
}

/** Gives a config its type; returns it as it is. What is wrong in it is said when it is loaded. */
export function defineConfig(config: OnceproofConfig): OnceproofConfig {
  return config;
}
