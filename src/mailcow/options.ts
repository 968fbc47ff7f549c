/** What the adapter needs to know to reach one mailcow. */

export type MailcowTls = {
  /** `false` accepts any certificate: whoever sits in between can read the API key. */
  readonly verify: boolean;
  /** Path of a PEM file; its certificates replace the built-in authorities. Read once, when the adapter opens. */
  readonly caFile?: string;
  /** The same as text; wins over `caFile`. */
  readonly ca?: string;
  /** The name that the certificate must carry (and SNI asks for) when it is not the host of `baseUrl`. */
  readonly serverName?: string;
};

/** One HTTP attempt, for logs and metrics: never bodies, headers or secrets. */
export type MailcowCall = {
  readonly method: 'GET' | 'POST';
  /** Without the object, so that it can label a metric: `get/mailbox`. */
  readonly route: string;
  /** The address, id or domain that the route named. */
  readonly object?: string;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  readonly ms: number;
};

export type MailcowOptions = {
  /** Origin of mailcow's web server, such as `https://nginx-mailcow`; a path behind it is ignored. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly tls?: MailcowTls;
  /** Whole read, default 300,000 ms: the first byte comes only after mailcow has built the whole list. */
  readonly readTimeoutMs?: number;
  /** Whole write, default 600,000 ms: one write takes minutes on a mailcow with many mailboxes. */
  readonly writeTimeoutMs?: number;
  /** Until the connection (TLS included) stands, default 10,000 ms. */
  readonly connectTimeoutMs?: number;
  /** How often a read is tried again, default 2. Writes never are. */
  readonly readRetries?: number;
  /** Waits between reads; tests pass one that does not. */
  readonly delay?: (ms: number) => Promise<void>;
  readonly onCall?: (call: MailcowCall) => void;
  /** Ends reads at once and keeps new writes from starting; a write under way is never cut off. */
  readonly signal?: AbortSignal;
};
