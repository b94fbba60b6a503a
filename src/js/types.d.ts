// Made by `cargo run -- schema --typescript > src/js/types.d.ts`; tests/types.rs checks it.

/** When a replica acknowledges a write. */
export type Acknowledge =
  /** Once it has it in memory. */
  | "receipt"
  /** Once it is on its disk. */
  | "flush"
  /** Once reads see it. */
  | "apply";

/** The address of a node. Clients can send to public ones only. */
export interface Address {
  /** Whether it can be reached from outside. */
  public: boolean;
  /** The address: from those for documentation (RFC 5737) if it is public, else from a private network (RFC 1918). */
  text: string;
}

/** A rule on what is scraped. It fires when its condition has held at every scrape for as long as `for_ms`. */
export interface Alert {
  /** The condition: above this. */
  above?: number | null;
  /** The condition: below this. */
  below?: number | null;
  /** How long it must not have held until all is calm again, in milliseconds. */
  calm_ms?: number;
  /** How long it must have held, in milliseconds: 0 to fire at the first scrape. */
  for_ms?: number;
  /** What it goes by. */
  metric: Metric2;
  /** Of which tier. Orders are of the whole site. */
  tier?: string | null;
}

/** A rule. */
export interface AlertReport {
  /** When it fired, in milliseconds, and when it was calm again; the newest. */
  episodes: EpisodeReport[];
  /** How often it fired. */
  fired: number;
  /** Whether it does. */
  firing: boolean;
}

/** How name servers choose among the addresses that their health checks call well. */
export type AnswerPolicy =
  /** One after the other. */
  | "round_robin"
  /** The nearest to the resolver that asks (geoDNS), those that are equally near in turn. */
  | "nearest"
  /** The one whose servers were least busy at the last report; of equals the nearest. */
  | "least_loaded";

/** How requests come. */
export type Arrivals =
  /** As a Poisson process: each user sends independently of all others. */
  | "poisson"
  /** Evenly spaced. */
  | "constant"
  /** In a closed loop: each user waits for the answer, thinks for 1 / `requests_per_user_per_second` on average
   * (exponentially distributed), and sends the next request. */
  | "closed";

/** Adds and removes servers of a tier by itself. Every so often it looks at what was measured since it last looked, and
 * says how many servers there should be: as many as bring the metric to its target (as target tracking of the large
 * providers, and the Horizontal Pod Autoscaler of Kubernetes). */
export interface Autoscaler {
  /** How long after it has added or removed servers it removes none, in milliseconds. */
  cooldown_in_ms?: number;
  /** How long after it has added servers it adds no more, in milliseconds. */
  cooldown_out_ms?: number;
  /** Time between two evaluations, in milliseconds: what is measured is known that late. */
  evaluate_every_ms?: number;
  /** The most. */
  maximum: number;
  /** What it goes by. */
  metric?: Metric;
  /** The fewest servers, at least 1. */
  minimum: number;
  /** Of the metric `schedule`: servers from an hour of the day on, until the next one that is named: `{"8": 6, "22": 2}`. */
  schedule?: Record<string, number>;
  /** Of the metric `queue_depth`: how many may wait for each server. */
  target_queue_depth?: number;
  /** Of the metric `utilisation`: the share of the cores' time that is to be worked, above 0 and up to 1. */
  target_utilisation?: number;
}

/** Backups of all data in a store of its own. Without anything else said, snapshots can be asked for, and no more. */
export interface Backup {
  /** How often the log is shipped to the store, in milliseconds, so that any moment up to the last shipment can be gone
   * back to (Amazon RDS: 5 minutes). Without it: only the moments of the backups can. */
  archive_every_ms?: number | null;
  /** Time from the beginning of an automated backup to that of the next, in milliseconds; the first begins with the run
   * (Amazon RDS: with the database, then once a day). Without it: none are taken. */
  every_ms?: number | null;
  /** Writes of the archived log that a core replays per second. */
  replay_per_second?: number;
  /** How long after all data was lost the newest state is restored without anybody asking, in milliseconds. Without it:
   * never. */
  restore_after_ms?: number | null;
  /** How long automated backups are kept, in milliseconds; 7 days if nothing is said (Amazon RDS: up to 35). Snapshots
   * are kept until somebody deletes them. */
  retention_ms?: number | null;
  /** What the store takes and gives, in megabytes per second (Amazon S3: some 90 for a connection; tools use several). */
  store_mb_per_second?: number;
}

/** What is kept of the data elsewhere. */
export interface BackupReport {
  /** Taken by the clock since the start of the run. */
  automated: number;
  /** Deleted since the start of the run, since their time was over. */
  expired: number;
  /** Backups that there are at the end. */
  kept: number;
  /** Snapshots that were asked for since the start of the run. */
  snapshots: number;
}

/** What is kept of a database elsewhere. */
export interface BackupStatus {
  /** How old the newest state is that could be restored, in milliseconds; `None` if there is none. */
  age_ms: number | null;
  /** Whether one is being read from this server. */
  being_read: boolean;
  /** How many backups there are. */
  kept: number;
}

/** A binding: messages whose key fits go to a queue. */
export interface Binding {
  /** The queue. */
  queue: string;
  /** The key that fits; for a topic a pattern, in which `*` stands for one word and `#` for zero or more. A fan-out
   * exchange takes no heed of keys, so there it is left out. */
  routing_key?: string | null;
}

/** A value of a key. */
export type Bound =
  /** A number: of a user, a row, or the order in which rows were inserted. */
  | number
  /** The initial letter of a surname. */
  | string;

/** What devices found among the files that they keep. */
export interface BrowserReport {
  /** Requests that devices answered themselves. */
  hits: number;
  /** Requests for files that they did not have. */
  misses: number;
  /** Hits that were older than the newest version that was published when the request was made. */
  stale_reads: number;
}

/** A build of the application. */
export interface Build {
  /** The share of requests that it answers with an error, from 0 to 1: a bad build. */
  error_rate?: number;
  /** The share of requests that it answers with an error where tests ask it, from 0 to 1. Without it, as for users; 0 is a
   * fault that shows in production only. */
  error_rate_in_tests?: number | null;
  /** The number of the newest format that it can read. Without it, that which it writes. */
  reads_format?: number | null;
  /** Its work for each request, as a part of what the class says, from 0.01 to 100. */
  work_factor?: number;
  /** The number of the format in which it writes values, from 0 to 100. */
  writes_format?: number;
}

/** What counts for the business. */
export interface Business {
  /** The class of requests that are orders. */
  order_class: string;
  /** What an order brings, in US dollars. */
  revenue_per_order_usd?: number;
  /** A visit is over when its user has asked for nothing for so many seconds. Web analytics commonly take half an hour. */
  visit_idle_seconds?: number;
}

/** Users and orders. */
export interface BusinessReport {
  /** Different users so far today. */
  active_users_today: number;
  /** converted / visits, from 0 to 1. */
  conversion: number;
  /** Those of them that have an order. */
  converted: number;
  /** Of the last whole day. */
  daily_active_users?: number;
  /** Different users of the last whole hour, if one is over; an estimate, with a standard error of 0.8%. */
  hourly_active_users?: number;
  /** Orders answered. */
  orders: number;
  /** What was not taken while alerts fired that are calm again, in US dollars; the longest of those that overlap. */
  revenue_lost_usd: number;
  /** What they brought, in US dollars. */
  revenue_usd: number;
  /** Visits that began. */
  visits: number;
}

/** How it is said which shard a row is on. */
export type By =
  /** By the key's hash modulo the number of shards. */
  | "modulo"
  /** By a ring of hashes (consistent hashing). */
  | "ring"
  /** By the range that the key is in. */
  | "ranges"
  /** By a table of hashed keys and of single ones. */
  | "directory";

/** How a cache that holds entries stands. */
export interface CacheStatus {
  /** Entries held. */
  entries: number;
  /** How much of its room is taken, from 0 to 1: of entries or of megabytes, whichever is more. */
  full: number;
  /** Hits / look-ups over about the last second, from 0 to 1; `None` if nobody looked. */
  hit_ratio: number | null;
  /** Megabytes held. */
  mb: number;
  /** Stale hits since the start. */
  stale_total: number;
}

/** Why a request failed. */
export type Cause =
  /** The backlog of a server was full. */
  | "refused"
  /** The client's patience ended. */
  | "timeout"
  /** A server died with the request on it. */
  | "killed"
  /** Nobody answered at the address: the server was down. */
  | "unreachable"
  /** The balancer had no healthy backend. */
  | "no_healthy_backend"
  /** The domain name could not be resolved. */
  | "unresolved"
  /** A server gave up waiting for one behind it that had gone silent. */
  | "gateway_timeout"
  /** The address is private: no route leads there from outside. */
  | "unroutable"
  /** The connection was with another server, which does not know it. */
  | "reset"
  /** Too many requests came from its source address. */
  | "rate_limited"
  /** It is a write, and there is no primary to take it: during a failover, or at one that is none any more. */
  | "read_only"
  /** 401: its cookie is not known. The client repeats it with name and password, so no request ends so. */
  | "unauthorized"
  /** The disk of the server is full: it takes no new rows. */
  | "disk_full"
  /** A faulty build of the application answered with an error. */
  | "application_error"
  /** The value was written in a newer format than the build can read that was to answer with it. */
  | "unreadable"
  /** A queue of the broker had no room for its message. */
  | "queue_full"
  /** No queue was bound for its message, which came back. */
  | "returned";

/** What clients do when the CDN fails them. */
export interface CdnFallback {
  /** For how long they ask the origin at once then, in whole seconds. */
  remember_seconds?: number;
  /** How long they wait for a file from it, in milliseconds, before they ask the origin. */
  timeout_ms?: number;
}

/** A content delivery network, or one edge of it. */
export interface CdnReport {
  /** Requests turned away by the limit for source addresses. */
  blocked: number;
  /** The same by client group, where there were any. */
  blocked_by_group?: Record<string, number>;
  /** By place, of the whole network. */
  by_edge?: Record<string, CdnReport>;
  /** Misses that waited for another one's fill. */
  coalesced: number;
  /** Files held at the end. */
  entries: number;
  /** Files that had to go because there was no room. */
  evicted: number;
  /** Misses of a file that was held but had expired. */
  expired: number;
  /** Gigabytes fetched from the origin. */
  filled_gb: number;
  /** Files that it asked the origin for: misses − coalesced. */
  fills: number;
  /** hits / (hits + misses); absent before the first request for a file. */
  hit_ratio?: number;
  /** Requests for files that it had. */
  hits: number;
  /** Requests for files that it did not have. */
  misses: number;
  /** Gigabytes sent to clients. */
  out_gb: number;
  /** Requests passed to the origin, as their answers may not be kept. */
  passed: number;
  /** Answers older than the newest version that was published when the request was sent. */
  stale_reads: number;
}

/** The first keys, for which a share of all requests asks. */
export interface Celebrities {
  /** How many keys, from 1 to 1,000: those from 0 on, each as often as the others. */
  count: number;
  /** The share of requests for them, from 0 to 1; all others go by popularity. */
  share: number;
}

/** Something that happens to a running system. */
export type Change =
  /** The target dies: its connections are reset, new ones are refused, unless it is silent. */
  | {
    kill: {
      /** What it had on its disks is gone too. */
      destroy?: boolean;
      /** The target loses its power or network: nothing is reset or refused, there is silence, and who waits for it
       * finds out by a time-out. */
      silent?: boolean;
      /** `web.2` (the second instance), `web` (all), or `machines.app.2` (all that runs on that
       * machine), or `places.london` (all that stands there). */
      target: string;
    };
  }
  /** The target starts again and serves after its boot time. */
  | {
    restore: {
      /** As for a kill. */
      target: string;
    };
  }
  /** The machines of the target work at a part of their speed from now on, with all that runs on them. */
  | {
    slow: {
      /** The part, from 0.001 to 1,000; 1 ends it. */
      factor: number;
      /** As for a kill. */
      target: string;
    };
  }
  /** Nothing gets from one target to the other any more, and nobody is told. */
  | {
    cut: {
      /** As for a kill. */
      from: string;
      /** As for a kill. */
      to: string;
    };
  }
  /** What was cut or slow between the targets is well again. */
  | {
    mend: {
      /** As for a kill. */
      from: string;
      /** As for a kill. */
      to: string;
    };
  }
  /** Everything between the targets takes longer from now on. */
  | {
    delay: {
      /** How much longer one way, in milliseconds, from 0 to 60,000; 0 ends it. */
      extra_ms: number;
      /** As for a kill. */
      from: string;
      /** As for a kill. */
      to: string;
    };
  }
  /** A replica is to be the primary: planned, so nothing is lost. */
  | {
    switch_over: {
      /** One database server of a tier that replicates: `database.2`. */
      target: string;
    };
  }
  /** A backup of all data is taken, and kept until somebody deletes it. */
  | {
    snapshot: {
      /** A database with `backup`. */
      target: string;
    };
  }
  /** A database gets an older state back from its backups: what was written since is lost. */
  | {
    restore_backup: {
      /** A database with `backup`. */
      target: string;
      /** The moment whose state it is to be, in milliseconds since the start of the run. Without it, the newest that there
       * is. */
      to_ms?: number | null;
    };
  }
  /** Somebody deletes rows by mistake. */
  | {
    bad_delete: {
      /** The share of all keys, above 0 and up to 1. */
      share: number;
      /** A database that replicates. */
      target: string;
    };
  }
  /** Another build of the application is brought to web servers, while they serve. */
  | {
    deploy: {
      /** The build. */
      build: string;
      /** How. Without it: one server after the other, without looking. */
      strategy?: Strategy2;
      /** As for a kill. */
      target: string;
    };
  }
  /** Somebody commits a change of the application; the pipeline builds it. */
  | {
    commit: {
      /** The build that it leads to. */
      build: string;
    };
  }
  /** A value of the scenario changes. */
  | {
    set: {
      /** The place of the value: `tiers.web.instances`. */
      path: string;
      /** The new value. */
      value: unknown;
    };
  }
  /** Arrivals are multiplied for a while. */
  | {
    spike: {
      /** The group of clients whose arrivals these are. Without it, all. */
      clients?: string | null;
      /** For how long, in milliseconds. */
      duration_ms: number;
      /** By how much, above 0 and up to 1,000. */
      factor: number;
    };
  }
  /** Files get a new version at the origin. */
  | {
    publish: {
      /** The class whose files they are. */
      class: string;
      /** Whether they get new names, which pages use from now on, so that nobody has kept them. */
      rename?: boolean;
      /** The share of them, above 0 and up to 1. */
      share: number;
    };
  }
  /** The edges of a CDN are told to forget files. Browsers are not. */
  | {
    purge: {
      /** The class whose files they are. */
      class: string;
      /** The CDN. */
      target: string;
    };
  };

/** A class of requests: what it asks of the servers. */
export interface Class {
  /** Whether it looks in the cache, where there is one. */
  cached?: boolean;
  /** What its write changes of a user: on a database that is sharded by that, the row moves. */
  changes?: Field | null;
  /** Work of the database. */
  database?: ServiceTime;
  /** Probability that it needs the database, for theory and benchmarks. Without it: 1 if it has work for the
   * database, else 0. */
  database_probability?: number | null;
  /** The databases that it asks, one after the other. Without any, that of the web server. */
  databases?: string[];
  /** The tier whose address clients use for it, if not the entry: a CDN. They know that address. */
  entry?: string | null;
  /** The files that it asks for, which edges and browsers may keep. */
  files?: Files | null;
  /** The one field that its query names. Without it, all of the row are known, and so is its shard. */
  finds_by?: Field | null;
  /** What the same user asks for as soon as the answer is there, by class: a page's pictures. */
  followed_by?: Record<string, number>;
  /** Whether its write is a new row: by that tables grow. A new row has the next number. */
  inserts?: boolean;
  /** What is to be done beside the answer, after what the cache and the database are asked for. */
  job?: Job | null;
  /** What it asks of the database, from which the work follows by the database's kind; instead of `database`. */
  query?: Query | null;
  /** Size of an answer in the format JSON, if that is another. */
  response_json_kb?: number | null;
  /** Size of an answer in kilobytes (1,000 bytes). */
  response_kb?: number;
  /** Whether its user has to be signed in. */
  session?: boolean;
  /** Weight among the classes: its share of the requests. */
  share: number;
  /** Work of the web server before it calls anybody. */
  web?: ServiceTime;
  /** Work of the web server once it has all it needs. */
  web_after?: ServiceTime;
  /** Whether it changes data. */
  write?: boolean;
}

/** One class of requests. */
export interface ClassReport {
  /** Answered in time. */
  answered: number;
  /** Failed for whatever cause. */
  failed: number;
  /** Latency of the answered ones. */
  latency_ms: Latency;
}

/** A group of clients. */
export interface ClientGroup {
  /** One-way delay of their access network, in milliseconds. */
  access_latency_ms?: number;
  /** The group with which they share those: bots among a carrier's customers. */
  behind?: string | null;
  /** Whether their devices keep files as long as these are fresh. */
  browser_cache?: boolean;
  /** Whether they ask the origin for files that the CDN fails to give them. Without it, such requests fail. */
  cdn_fallback?: CdnFallback | null;
  /** How they connect. Without it, connections cost nothing. */
  connection?: Connection | null;
  /** A tier whose address they use as it is, without asking the DNS: those who try a server's own address. Without it
   * they use the address of the entry. */
  direct_to?: string | null;
  /** How fast answers come in over it, in megabits per second. Without it, at once. */
  download_mbps?: number | null;
  /** What they ask for. */
  format?: Format;
  /** Where they are: a place of [`super::places::PLACES`]. */
  place: string;
  /** How often its users send, against what `requests_per_user_per_second` says: above 1 for bots. */
  rate_factor?: number;
  /** Where the resolver is that their devices ask, if not where they are: name servers see it, and not the users. */
  resolver_place?: string | null;
  /** Whether and how they try again. Without it, they do not. */
  retry?: Retry | null;
  /** Weight among the groups: its share of the users. */
  share: number;
  /** How many source addresses they share, as behind the address translation of a carrier (RFC 6888). Without it,
   * everybody has one. */
  source_addresses?: number | null;
  /** How long they wait for an answer to an attempt, in milliseconds. */
  timeout_ms?: number;
}

/** Users who complain when their requests fail. How many do is anybody's guess, and differs from site to site. */
export interface Complaints {
  /** How long it takes until the complaint gets through. */
  after?: ServiceTime;
  /** So many complaints have to come, from 1 to 1,000, … */
  needed?: number;
  /** The share of failed requests after which somebody complains, in percent. */
  share_percent?: number;
  /** … within this time until somebody is called, in milliseconds. */
  within_ms?: number;
}

/** Which of two changes of a key stays that did not know of each other. */
export type ConflictRule =
  /** The one committed last. */
  | "last_writer_wins"
  /** The one committed first. */
  | "first_writer_wins"
  /** That of the member with the lower number. */
  | "site_priority";

/** How clients connect: a request needs an open connection, and opening one takes round trips. */
export interface Connection {
  /** Segments of 1,460 bytes that a server may send before the first acknowledgement (10: RFC 6928), doubled with each
   * round trip (slow start, RFC 5681). Without it, answers come at the full speed of the line at once. */
  initial_window_segments?: number | null;
  /** How long a connection stays open without a request, in whole seconds. */
  keep_alive_seconds?: number;
  /** Round trips of TCP's handshake before data may be sent: 1 (RFC 9293). */
  tcp_round_trips?: number;
  /** Round trips of TLS on top: 1 for version 1.3 (RFC 8446), 2 for 1.2, 0 without. */
  tls_round_trips?: number;
}

/** What a month costs at the measured load, in US dollars, where traffic has a price. */
export interface Costs {
  /** What content delivery networks send, fetch and are asked for. */
  cdn_usd: number;
  /** What machines send to clients and edges. */
  egress_usd: number;
  /** Machines as they stand at the end. */
  machines_usd: number;
  /** What object stores hold, send and are asked for. */
  object_store_usd: number;
}

/** A day's curve of arrivals: the mean rate · (1 + a · cos(2π (hour − peak) / 24)), with a such that the peak is
 * `peak_to_trough` times the trough. A first harmonic is the plainest curve with one peak and one trough a day; measured
 * sites have about that shape, with ratios from 2 to 5 (of Wikipedia: Urdaneta, Pierre, van Steen 2009, "Wikipedia
 * workload analysis for decentralized hosting"). The mean over a day is what users and their rate say. */
export interface Day {
  /** How long a day lasts, in milliseconds: 86,400,000, or less to see it pass. Boot times, cooldowns and everything else
   * stay as they are. */
  length_ms?: number;
  /** The hour of the peak, from 0 to 24. */
  peak_hour?: number;
  /** How many times as many requests come at the peak as at the trough, from 1 to 100. */
  peak_to_trough?: number;
  /** The hour at which the run begins, from 0 to 24. */
  starts_at_hour?: number;
}

/** A build on its way to servers. */
export interface DeploymentReport {
  /** When it began, in seconds. */
  began_s: number;
  /** The build. */
  build: string;
  /** When it was over, in seconds. */
  ended_s?: number;
  /** The share of failed requests for which it went back. */
  error_rate?: number;
  /** What it is at: `rolled_out`, `rolled_back`, `superseded` or `under_way`. */
  outcome: string;
  /** Servers that were started with it. */
  replaced: number;
}

/** When those who use a cache take one of its servers for dead. The defaults are those of twemproxy
 * (`server_failure_limit`, `server_retry_timeout`, `auto_eject_hosts`). */
export interface Detection {
  /** After so many calls in a row that it did not answer, from 1 to 1,000. */
  failures?: number;
  /** Whether the other servers share its keys out meanwhile; else these are asked of the database. */
  rehash_on_failure?: boolean;
  /** For so long, in milliseconds; then it is tried again. */
  retry_after_ms?: number;
}

/** How a machine divides its cores among jobs. */
export type Discipline =
  /** First come, first served: one job a core. */
  | "fifo"
  /** All at once, equally fast. */
  | "processor_sharing";

/** The shape of a service time. */
export type Distribution =
  /** Always the mean. */
  | "constant"
  /** Exponential. */
  | "exponential"
  /** Log-normal. */
  | "log_normal"
  /** Uniform around the mean. */
  | "uniform"
  /** Mostly short, sometimes long: one of two exponentials. */
  | "hyperexponential";

/** A kind of database. */
export type Engine =
  /** Tables, indexes, joins in the database, a schema that writes are checked against. */
  | "relational"
  /** Values by key: the caller reads them and follows relations itself. */
  | "key_value"
  /** Documents that contain the rows that belong to them. */
  | "document"
  /** Rows of a partition side by side, in sorted runs that are only ever appended. */
  | "wide_column"
  /** Nodes that point to their neighbours. */
  | "graph";

/** A stretch during which a rule fired. */
export interface EpisodeReport {
  /** When it was calm again. */
  cleared_ms?: number;
  /** When the rule fired. */
  fired_ms: number;
  /** What was not taken until then, in US dollars, against what is taken when all is calm. */
  revenue_lost_usd: number;
  /** When the condition was first scraped. */
  since_ms: number;
}

/** Something that happened, in words. */
export interface EventLine {
  /** When, in milliseconds of simulated time. */
  at_ms: number;
  /** What kind of thing. */
  kind: FactKind;
  /** What it is about: a node as `web.2`, or what was set as `tiers.web.instances`. */
  subject: string;
  /** What happened to that. */
  text: string;
}

/** Who goes first when room is needed. */
export type Eviction =
  /** What is longest unused. */
  | "lru"
  /** What was used least often since it came; of those, what is longest unused. */
  | "lfu"
  /** What came first. */
  | "fifo"
  /** Any. */
  | "random";

/** An exchange: it routes messages to the queues that are bound to it. */
export interface Exchange {
  /** The queues that are bound to it. */
  bindings: Record<string, Binding>;
  /** How it compares a message's routing key with those of its bindings. */
  type?: Routing;
}

/** What kind of thing happened. */
export type FactKind =
  /** Something broke. */
  | "fault"
  /** A rule fires on what was measured. */
  | "alert"
  /** It is calm again. */
  | "resolved"
  /** Something recovered. */
  | "recovery"
  /** A build is brought to servers. */
  | "deploy"
  /** Somebody changed something. */
  | "change"
  /** Something was noticed or done by the system. */
  | "reaction";

/** How the passive one of a pair takes over the address: it listens to the active one's heartbeats (as VRRP, RFC 5798). */
export interface Failover {
  /** Time between two heartbeats, in milliseconds. */
  heartbeat_ms?: number;
  /** Heartbeats missed in a row after which it takes over. */
  missed?: number;
}

/** A request that failed. */
export interface Failure {
  /** How long ago, in milliseconds of simulated time. */
  age_ms: number;
  /** Why. */
  cause: Cause;
  /** The node where it failed. */
  node: number;
}

/** What keeps an old primary that is cut off from taking writes. */
export type Fencing =
  /** Its power is cut, by a way of its own, before another is promoted. */
  | "power"
  /** Only the side that has most of the members may have a primary; one that hears too few steps down. */
  | "majority"
  /** Nothing. */
  | "none";

/** A field of a row. */
export type Field =
  /** Whose it is. */
  | "user_id"
  /** Its own number. */
  | "order_id"
  /** When it was inserted: its number in that order. */
  | "created_at"
  /** The country that its user lives in. */
  | "country"
  /** The surname of its user, of which the initial letter counts. */
  | "surname";

/** The figures above the diagram, over the last stretch of simulated time. */
export interface Figures {
  /** Answers per second. */
  answered_per_second: number;
  /** Machines as they stand, and traffic as it has been since measuring began, in US dollars per month. */
  cost_per_month_usd: number;
  /** Failed / (answered + failed), from 0 to 1, if anything ended. */
  error_share: number | null;
  /** Requests sent per second. */
  issued_per_second: number;
  /** Median latency, if anything was answered. */
  p50_ms: number | null;
  /** 95th percentile. */
  p95_ms: number | null;
  /** 99th percentile. */
  p99_ms: number | null;
  /** How long that stretch is, in milliseconds; 0 when there is nothing to say yet. */
  span_ms: number;
}

/** The files that requests of a class ask for. A file is as large as the class's answer. */
export interface Files {
  /** How many there are, from 1 to 1,000,000. */
  count: number;
  /** For `zipf`: the n-th most popular one is asked for in proportion to 1 / n to this power, from 0 to 3. */
  exponent?: number;
  /** How long edges and browsers may keep one from when the origin gave it out, in milliseconds: HTTP's `max-age`
   * (RFC 9111). What an edge has kept for a while is fresh for what is left, in browsers too (`Age`). */
  max_age_ms: number;
  /** How often each is asked for. */
  popularity?: Popularity;
}

/** The format of an answer. */
export type Format =
  /** Pages for browsers. */
  | "html"
  /** Data for apps and other programs. */
  | "json";

/** How things stand at one instant, and what moved since the one before. */
export interface Frame {
  /** Requests that failed since the last frame. */
  failures: Failure[];
  /** Figures over the last second of simulated time. */
  figures: Figures;
  /** Requests on the wire, and those that arrived since the last frame. Those that wait or are in hand are counted with
   * their node. */
  hops: Hop[];
  /** Requests sent and neither answered nor failed yet. */
  in_flight: number;
  /** All nodes, by number: what `from`, `to` and `node` below are indices of. */
  nodes: FrameNode[];
  /** The present, in milliseconds of simulated time. */
  now_ms: number;
  /** Each hop and failure stands for so many requests: where there are too many, a fixed sample of them is watched. What
   * counts requests counts them all. */
  requests_per_dot: number;
}

/** A node at one instant. */
export interface FrameNode {
  /** Of a pair: whether it is the active one. */
  active: boolean | null;
  /** Of a web server: the number of the build that it runs, among the scenario's, if there are builds. */
  build: number | null;
  /** Of a cache that holds entries: what it found. */
  cache: CacheStatus | null;
  /** Share of its machine's cores that worked, from 0 to 1. */
  cpu: number | null;
  /** It was taken out and still serves whoever is bound to it. */
  draining: boolean;
  /** Requests that failed here per second. */
  failed_per_second: number;
  /** Requests that failed here since the start. */
  failed_total: number;
  /** Requests in hand now. */
  in_hand: number;
  /** Whether a balancer in front sends it requests; `None` where there is no balancer. */
  in_rotation: boolean | null;
  /** Its kind. */
  kind: Kind;
  /** Whether it serves. */
  life: Life;
  /** Its number within the tier, from 1. */
  number: number;
  /** Of a database that replicates: what it is, and how far it is. */
  replication: ReplicationStatus | null;
  /** Requests answered per second. */
  served_per_second: number;
  /** Sessions in its memory, where users sign in and servers keep that. */
  sessions: number | null;
  /** Of a database that is sharded: what its shard has. */
  shard: ShardStatus | null;
  /** Share of its slots that were taken, from 0 to 1. */
  slots: number | null;
  /** What a change calls it: `web.2`. Empty for client groups. */
  target: string;
  /** The id of its tier, or of the client group. */
  tier: string;
  /** Requests waiting now. */
  waiting: number;
}

/** Gathers lines in one place. */
export interface Gather {
  /** Time between two shipments, in milliseconds. */
  every_ms?: number;
  /** Lines that are kept, the newest ones, from 1 to 100,000. */
  lines?: number;
}

/** How servers are watched. */
export interface HealthCheck {
  /** Successful probes in a row after which it is taken in. */
  healthy_after?: number;
  /** How long a server stays out at least, in milliseconds, doubled each time it is taken out again: it damps
   * flapping. */
  hold_ms?: number;
  /** Time between two probes of a server, in milliseconds. */
  interval_ms?: number;
  /** What a probe is. */
  probe?: Probing;
  /** How long a probe waits for its answer, in milliseconds, before it counts as failed. */
  timeout_ms?: number;
  /** Failed probes in a row after which a server is taken out. */
  unhealthy_after?: number;
}

/** A request on its way from one node to another. */
export interface Hop {
  /** Which part of the way was behind it at the last frame, from 0 to 1. */
  before: number;
  /** The node that it comes from. */
  from: number;
  /** What it looks like. */
  look: Look;
  /** Which part of the way is behind it, from 0 to 1; at 1 it has arrived. */
  now: number;
  /** To tell requests apart: the lowest 20 bits of the request's number. */
  request: number;
  /** The node that it goes to. */
  to: number;
}

/** A server as it was at a scrape, over the time since the one before. */
export interface HostReport {
  /** How busy its cores were, from 0 to 1. */
  cpu_utilisation?: number;
  /** How busy its disk was, from 0 to 1. */
  disk_utilisation?: number;
  /** Errors among them per second. */
  errors_per_second: number;
  /** How much of its memory was taken, from 0 to 1. */
  memory_utilisation?: number;
  /** Megabits per second sent to clients and edges. */
  network_mbps: number;
  /** Replies per second. */
  requests_per_second: number;
  /** Whether it answered. */
  up: boolean;
}

/** What a request has to be done beside its answer: a photo to be resized, an order to be approved. */
export interface Job {
  /** How long a person takes for it after that, if one has to decide. */
  person?: ServiceTime | null;
  /** The message that is published for it. Without it, the web server does it itself. */
  publish?: Publish | null;
  /** Its work: the web server's own, before the answer, or that of workers, if it is published. */
  work: ServiceTime;
}

/** The keys under which the site keeps its values, and which of them requests ask for. */
export interface Keys {
  /** Keys that more is asked for than by their popularity: celebrities. */
  celebrities?: Celebrities | null;
  /** How many there are, from 1 to 1,000,000,000. */
  count: number;
  /** For `zipf`: the n-th most popular one is asked for in proportion to 1 / n to this power, from 0 to 3. */
  exponent?: number;
  /** How often each is asked for. */
  popularity?: Popularity;
  /** How many of them belong to each user, on average, from 1: a user's orders. */
  rows_per_user?: number;
  /** Size of a value in kilobytes (1,000 bytes). */
  value_kb?: number;
}

/** A kind of node. */
export type Kind =
  /** A group of clients. */
  | "client"
  /** The domain name system. */
  | "dns"
  /** A load balancer. */
  | "load_balancer"
  /** A web server. */
  | "web_server"
  /** A cache. */
  | "cache"
  /** A database. */
  | "database"
  /** A content delivery network. */
  | "cdn"
  /** A store of files. */
  | "object_store"
  /** A message broker. */
  | "message_broker"
  /** A worker. */
  | "worker";

/** A distribution of latencies, in milliseconds. Percentiles are within 1/64. */
export interface Latency {
  max: number;
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  p999: number;
}

/** What a balancer can see of the traffic. */
export type Layer =
  /** Layer 7: requests, with their paths and cookies. */
  | "application"
  /** Layer 4: connections. */
  | "transport"
  /** Layer 3: packets, by their addresses. */
  | "network";

/** Whether a node serves. */
export type Life =
  /** It serves. */
  | "up"
  /** It is dead: connections are refused. */
  | "down"
  /** It is starting and will serve. */
  | "booting"
  /** It was taken out: it finishes what it has and gets nothing new. */
  | "drained";

/** Whether a balancer keeps requests at its own place. */
export type Locality =
  /** It does not ask where backends stand. */
  | "any"
  /** It does as long as a backend there is well; then it turns to those at other places. */
  | "prefer"
  /** It does in any case. */
  | "require";

/** The lines that servers write: of what failed or was slow, and of a sample of the rest. */
export interface Logs {
  /** Whether the lines are gathered in one place. Without it each server has its own. */
  gather?: Gather | null;
  /** Lines that each server keeps, the newest ones, from 1 to 10,000. */
  lines_per_node?: number;
  /** The share of the good and fast requests that are written down, in percent. */
  sample_percent?: number;
  /** From how long on a request or a call is slow, in milliseconds. */
  slow_ms?: number;
}

/** Lines. */
export interface LogsReport {
  /** Of the lines that each server has now: how many tell of a failure or of something slow. Dead servers show none. */
  bad_by_writer: Record<string, number>;
  /** Of the gathered lines that tell of a failure or of something slow: whom they name. */
  blamed: Record<string, number>;
  /** Gathered in one place. */
  gathered: number;
  /** Had to go before they were gathered. */
  lost: number;
  /** Written by each server. */
  written: Record<string, number>;
}

/** What a request on the wire looks like. */
export type Look =
  /** It reads. */
  | "read"
  /** It writes. */
  | "write"
  /** It was answered from a cache. */
  | "from_cache"
  /** It failed. */
  | "failed"
  /** No request, but what a primary sends a replica. */
  | "replication"
  /** An answer of a cache that has nothing for the key. */
  | "miss"
  /** A value that is put into a cache after a miss. */
  | "fill"
  /** An answer that is older than what a client was told of before the request was sent. */
  | "stale"
  /** 401: nobody knows the cookie that it came with. */
  | "unauthorized"
  /** A message between a broker and a consumer. */
  | "message";

/** A kind of machine. The n-th instance of every tier that names it runs on the n-th copy: so two tiers with one
 * instance each share one machine, and its cores, unless they have reserved some. */
export interface Machine {
  /** Cores, if it has no size. */
  cores?: number | null;
  /** Price of one, in US dollars per month, if not that of its size. */
  cost_per_month_usd?: number | null;
  /** How it divides its cores. */
  discipline?: Discipline;
  /** Its disk, by the name in the catalogue: `ssd`, `network_ssd` or `spinning`. Without one, what a database does
   * with the disk is a part of its work. */
  disk?: string | null;
  /** Where all copies stand: a place of [`super::places::PLACES`]. */
  place?: string | null;
  /** Where the copies stand, if not all at one place: the first at the first of these, and so on, again and again. */
  places?: string[];
  /** How its work grows with its cores, if not in proportion; or not as the catalogue says of its size. */
  scalability?: Scalability | null;
  /** A size of the catalogue, which says cores, price and how work grows with cores. */
  size?: string | null;
  /** How fast a core is; 1 is what the service times are meant for. */
  speed?: number;
}

/** One of its servers. */
export interface MemberReport {
  /** Writes of the primary's log, or of others, that it applied. */
  applied: number;
  /** How far it is behind at the end: the age of the oldest write that it has not applied. */
  behind_ms: number;
  /** Acknowledged writes that it took and that a rule for conflicts overwrote, since the start of the run. */
  conflict_losers: number;
  /** The longest such time. */
  lag_max_ms: number;
  /** Mean time from their commit until it had applied them; absent if there were none. */
  lag_ms?: number;
  /** Whether reads are sent to it at the end. */
  listed: boolean;
  /** Those of them that found no row, since it was deleted by mistake. */
  missing_reads?: number;
  /** The position in the log up to which reads see writes; where several members take writes, the number of the newest one. */
  position: number;
  /** Reads of clients that it answered. */
  reads: number;
  /** What it is at the end. */
  role: Role;
  /** Those of them that were stale. */
  stale_reads: number;
  /** Writes of clients that it committed. */
  writes: number;
}

/** What a database that replicates is on its way to be, or why it is less than its role says. */
export type MemberState =
  /** It is what its role says. */
  | "steady"
  /** It is being given an older state from the backups. */
  | "restoring"
  /** A replica that takes no reads. */
  | "standby"
  /** It was elected and becomes the primary. */
  | "promoting"
  /** It is given a copy of the data. */
  | "copying"
  /** A primary that hears too few others and takes no writes. */
  | "stepped_down"
  /** A primary beside the one that the others follow. */
  | "stray";

/** What an autoscaler goes by. */
export type Metric =
  /** How busy the cores of its servers were since the last evaluation, on average. */
  | "utilisation"
  /** How many wait for its servers at the evaluation. */
  | "queue_depth"
  /** The hour of the day. */
  | "schedule";

/** A value that rules may go by. */
export type Metric2 =
  /** The share of a tier's servers that answer the scrape, from 0 to 1. */
  | "up"
  /** How busy the cores are, from 0 to 1. */
  | "cpu_utilisation"
  /** How much of the memory is taken, from 0 to 1: of caches and databases the room for what they keep, of other servers
   * their slots, since each is a process or a thread with its memory. */
  | "memory_utilisation"
  /** How busy the disks are, from 0 to 1. */
  | "disk_utilisation"
  /** Megabits per second that each server sends to clients and edges. */
  | "network_mbps"
  /** Requests that wait at each server. */
  | "waiting"
  /** Replies of all servers of a tier per second. */
  | "requests_per_second"
  /** The share of the replies that are errors, from 0 to 1. Clients that went away count when their answer is ready. */
  | "error_share"
  /** The 99th percentile of the time that answers take, in milliseconds, as callers see it; at the entry, from arrival to
   * reply. */
  | "latency_p99_ms"
  /** Orders per second, of the whole site. */
  | "orders_per_second";

/** Whom a commit waits for. */
export type Mode =
  /** For nobody: replicas get the write later. */
  | "asynchronous"
  /** For so many replicas, whichever they are. */
  | "semi_synchronous"
  /** For all replicas that keep up. */
  | "synchronous";

/** One entry of a timeline. */
export interface Moment {
  /** When, in milliseconds since the start of the run; to the microsecond. */
  at_ms: number;
  /** What. */
  change: Change;
}

/** Scrapes values from all servers. */
export interface Monitor {
  /** How long it takes until a scrape is there to be judged, in milliseconds; less than the interval. */
  delay_ms?: number;
  /** Time between two scrapes, in milliseconds. 15 seconds are usual with Prometheus, a minute is its default. */
  scrape_interval_ms?: number;
}

/** How far apart things are. */
export interface Network {
  /** False switches all delays off, for theory and benchmarks. */
  enabled?: boolean;
  /** One-way delay between two machines at the same place, in milliseconds. */
  hop_ms?: number;
  /** How much longer the cable is than the great circle. */
  path_factor?: number;
  /** Price of what the machines send to clients and edges, in US dollars per gigabyte. Large providers list $0.09. */
  price_out_per_gb_usd?: number;
  /** After how long a server gives up a connection to a machine that has gone silent, in milliseconds (TCP's user
   * time-out, RFC 5482). A slow machine still acknowledges; only one without power or network is silent. */
  silence_timeout_ms?: number;
}

/** Who is called by alerts and by complaints. He looks at one server after the other and repairs what he finds broken; of a
 * server that answers with errors of its own build he brings the build before back, as this one was brought. */
export interface OnCall {
  /** Servers that he adds to a tier if an alert says that it is busy and nothing is broken there; 0 for none. */
  adds_servers?: number;
  /** How long he looks at each server, in milliseconds. */
  look_ms?: number;
  /** How long it takes until he begins. */
  reaction?: ServiceTime;
  /** After how long an alert calls again if it still fires when he is through, in milliseconds. Half an hour is what services
   * for on-call duty commonly take. */
  reminded_after_ms?: number;
  /** The share of a server's answers that may be errors of its own build without his going back, from 0 to 1. */
  tolerated_error_rate?: number;
}

/** What a write does to the cache once the database has carried it out. */
export type OnWrite =
  /** It removes the entry. */
  | "invalidate"
  /** It puts the new value there. */
  | "update"
  /** Nothing: the entry stays until it expires. */
  | "nothing";

/** How a system is run. What is left out is not there: without a monitor nobody sees a value, without somebody on call
 * nobody repairs. */
export interface Operations {
  /** Rules on what is scraped. */
  alerts?: Record<string, Alert>;
  /** What counts for the business. */
  business?: Business | null;
  /** Users who complain when their requests fail. */
  complaints?: Complaints | null;
  /** The lines that servers write. */
  logs?: Logs | null;
  /** Scrapes values from all servers. */
  monitor?: Monitor | null;
  /** Who is called by alerts and by complaints. */
  on_call?: OnCall | null;
  /** Builds, tests and deploys what is committed. */
  pipeline?: Pipeline | null;
}

/** What those who run the system came to know and to do. */
export interface OperationsReport {
  /** Rules. */
  alerts?: Record<string, AlertReport>;
  /** Users and orders. */
  business?: BusinessReport;
  /** How often somebody was called. */
  calls: number;
  /** Complaints that got through. */
  complaints: number;
  /** Each server that is meant to be there, as it was at the last scrape. */
  hosts?: Record<string, HostReport>;
  /** Lines. */
  logs?: LogsReport;
  /** How many servers he looked at. */
  looks: number;
  /** What was committed. */
  pipeline?: PipelineReport;
  /** What he repaired, the newest repairs. */
  repairs: Repair[];
  /** How often values were scraped. */
  scrapes: number;
}

/** Random outages of all that stands at a place: lengths and times between are exponential, by the seed. */
export interface Outages {
  /** Mean time from the end of an outage to the next one, in milliseconds. */
  mtbf_ms: number;
  /** Mean length of an outage, in milliseconds. */
  mttr_ms: number;
}

/** Backends that fail one request after the other are taken out for a while (passive health checking). */
export interface OutlierEjection {
  /** For how long, in milliseconds, the first time; n times as long the n-th time. */
  base_ejection_ms?: number;
  /** Failures in a row after which a backend is taken out. */
  consecutive_failures?: number;
  /** The most backends that may be out for this, in percent. */
  max_ejected_percent?: number;
}

/** What becomes of a message for which a queue has no room. */
export type Overflow =
  /** The oldest one goes instead. */
  | "drop_head"
  /** It is not taken, and its publisher is told. */
  | "reject_publish";

/** What became of a commit. */
export interface PassageReport {
  /** The build that it led to. */
  build: string;
  /** When it was committed, in milliseconds. */
  committed_ms: number;
  /** When it was over, in milliseconds. */
  ended_ms: number;
  /** `failed_tests`, `rolled_out`, `rolled_back` or `superseded`. */
  outcome: string;
}

/** Where decisions are published. */
export interface People {
  /** The exchange. */
  exchange: string;
  /** The routing key. */
  routing_key: string;
}

/** Builds what is committed, tests it and brings it to servers, without anybody's doing. */
export interface Pipeline {
  /** How long it takes to build what was committed. */
  build_time?: ServiceTime;
  /** How what passes is brought to servers. */
  strategy?: Strategy2;
  /** Tests of what was built. Without them everything passes. */
  tests?: Tests | null;
  /** The web servers that it brings builds to. */
  tier: string;
  /** Alerts at which a build that is on its way goes back. */
  turn_back_on?: string[];
}

/** What was committed, and what became of it. */
export interface PipelineReport {
  /** Commits. */
  commits: number;
  /** Those that a test has stopped. */
  failed_tests: number;
  /** The newest that are over. */
  passages: PassageReport[];
  /** Those that were brought to servers and went back. */
  rolled_back: number;
  /** Those that all servers have got. */
  rolled_out: number;
  /** Those whose place another deployment has taken. */
  superseded: number;
  /** Those for which there was no room. */
  turned_away: number;
  /** Those that wait. */
  waiting: number;
}

/** Which of several cache servers holds a key. */
export type Placement =
  /** The one whose point is next on a ring (consistent hashing). */
  | "ring"
  /** By the key's hash modulo their number. */
  | "modulo";

/** How a balancer chooses. */
export type Policy =
  /** One after the other. */
  | "round_robin"
  /** Each with the same probability. */
  | "random"
  /** One of those with the fewest requests under way, in turn. */
  | "least_connections"
  /** Of two different ones at random, the one with fewer requests under way (Mitzenmacher 1996). */
  | "two_choices"
  /** In turn, in proportion to their weights: who is behind its share by most is next (stride scheduling, Waldspurger
   * 1995). */
  | "weighted"
  /** The one with the least product of its recent response time and its requests under way, the new one counted. */
  | "least_response_time"
  /** By a hash of the client's address: the same client goes to the same one, as long as the same ones are there. */
  | "source_ip_hash";

/** The pages that a database holds in memory. */
export interface PoolReport {
  /** hits / (hits + misses); absent before the first query. */
  hit_ratio?: number;
  /** Queries that found their page in memory. */
  hits: number;
  /** Flushes of the log. */
  log_flushes: number;
  /** Queries whose page was not there. */
  misses: number;
  /** Changed pages that were written back. */
  written_back: number;
}

/** Which keys requests ask for. */
export type Popularity =
  /** Few of them very often, most of them seldom. */
  | "zipf"
  /** All alike. */
  | "uniform"
  /** One after the other, and again from the beginning. */
  | "scan";

/** What a probe is. */
export type Probing =
  /** It connects: whoever accepts is healthy, however slow. */
  | "connect"
  /** It sends a request that waits and is worked on like any other: whoever does not answer in time is not healthy. */
  | "request";

/** A message. */
export interface Publish {
  /** The exchange of the web servers' broker. */
  exchange: string;
  /** The routing keys that it may have. */
  keys: Record<string, RoutingKey>;
  /** Whether it comes back if no queue is bound for it: the request fails. Without it, it is dropped, and nobody told. */
  mandatory?: boolean;
  /** Whether it is written to the disk in durable queues; the answer then waits for that. */
  persistent?: boolean;
}

/** What a request asks of a database, whatever its kind: one row, or all that hangs on it. */
export interface Query {
  /** Levels of relations to follow, from 0 (the row alone) to 4. */
  depth?: number;
  /** Rows that each row is related to, from 1 to 100. */
  fan_out?: number;
  /** Fields of a row, which a schema checks on writing. */
  fields?: number;
  /** Size of a row, in kilobytes. */
  value_kb?: number;
}

/** A queue. */
export interface Queue {
  /** The exchange for messages that are given up: they waited too long, had to make room, were refused, or delivered too
   * often. Without it, they are gone. */
  dead_letter_exchange?: string | null;
  /** Their routing key there, if not their own. */
  dead_letter_key?: string | null;
  /** How often a message may be delivered again, from 0 to 100 (RabbitMQ's quorum queues: 20). */
  delivery_limit?: number;
  /** Whether it outlasts a restart of the broker, with those of its messages that are persistent. */
  durable?: boolean;
  /** Messages that may wait, from 1 to 10,000,000. Without it, as many as the broker holds. */
  length_max?: number | null;
  /** How long a message may wait, in milliseconds. Without it, for ever. */
  message_ttl_ms?: number | null;
  /** What becomes of a message for which there is no room. */
  overflow?: Overflow;
}

/** A queue. Over a whole run: entered = consumed + expired + dropped + refused + lost + unconfirmed + waiting + unacknowledged. */
export interface QueueReport {
  /** Acknowledged by a consumer. */
  consumed: number;
  /** Those of the given-up ones that went to another queue. */
  dead_lettered: number;
  /** Given up to make room. */
  dropped: number;
  /** Messages that came to it. */
  entered: number;
  /** Given up since they waited for too long. */
  expired: number;
  /** From when a request was sent until its message was acknowledged. */
  finished_after_ms: Latency;
  /** Those of them that other queues had given up. */
  letters: number;
  /** Gone with the broker's memory, though their publishers had been told that it has them. */
  lost: number;
  /** How long the oldest that waits at the end has waited, in milliseconds. */
  oldest_ms: number;
  /** Deliveries of messages that had been delivered before. */
  redelivered: number;
  /** Given up since consumers refused them, or they were delivered too often. */
  refused: number;
  /** Messages that it did not take, since it was full. */
  rejected: number;
  /** Delivered and not acknowledged at the end. */
  unacknowledged: number;
  /** Gone with the broker's memory before their publishers were told anything. */
  unconfirmed: number;
  /** Messages that wait at the end. */
  waiting: number;
}

/** Values of a key, both ends included. */
export interface Range {
  /** The first value: a letter for `surname`, a number for the others. */
  from: Bound;
  /** The shard, from 1. */
  shard: number;
  /** The last value. Without it, all that follow. */
  to?: Bound | null;
}

/** A limit for each source address: a bucket of tokens, of which a request takes one. */
export interface RateLimit {
  /** Tokens that a bucket holds, from 1. */
  burst: number;
  /** Tokens that come in each second, above 0. */
  requests_per_second: number;
}

/** Who answers reads. */
export type Reads =
  /** The replicas in turn; the primary where none is well. */
  | "replicas"
  /** The primary. */
  | "primary"
  /** The member that is nearest to who asks, the primary counted; equally near ones in turn. */
  | "nearest"
  /** The replica that is nearest to who asks, equally near ones in turn; the primary where none is well. */
  | "nearest_replica";

/** Something that was repaired. */
export interface Repair {
  /** When, in milliseconds. */
  at_ms: number;
  /** How many servers had been looked at for that, this one counted. */
  looks: number;
  /** What: `web.2`. */
  target: string;
}

/** A primary and its replicas: the first instance of the tier begins as the primary. */
export interface Replication {
  /** When a replica acknowledges, where commits wait; on its disk if nothing is said. */
  acknowledge?: Acknowledge | null;
  /** For `semi_synchronous`: how many replicas a commit waits for; 1 if nothing is said. */
  acknowledgements?: number | null;
  /** Work to apply a write on a replica, as a part of what it took the primary, from 0 to 10: changed rows are sent, so
   * nothing is parsed, planned or searched for twice. */
  apply_work?: number;
  /** For `merge` and `multi_primary`: which of two changes of a key stays that did not know of each other. */
  conflict_rule?: ConflictRule;
  /** What a core copies, in megabytes per second. */
  copy_mb_per_second?: number;
  /** The data to copy to a new member, in gigabytes. */
  data_gb?: number;
  /** How long a commit waits for a replica before that is not waited for any more, in milliseconds (MySQL's
   * `rpl_semi_sync_source_timeout`, 10 s by default). */
  drop_after_ms?: number;
  /** What it takes to elect one, in milliseconds. */
  election_ms?: number;
  /** Whether a replica is promoted when the primary is dead. */
  failover?: boolean;
  /** What keeps an old primary that is cut off from taking writes. */
  fencing?: Fencing;
  /** What it takes a replica to bring writes to its disk, in milliseconds: a flush of a solid-state disk over a network. */
  flush_ms?: number;
  /** Time between two heartbeats, in milliseconds. */
  heartbeat_ms?: number;
  /** How members get what others have: the log of one primary, whole copies at intervals, or changes of all. */
  kind?: ReplicationKind;
  /** The most writes that the log keeps: a replica that lacks more needs a new copy. */
  log_entries?: number;
  /** For `merge`: how often changes are exchanged, in milliseconds; a minute if nothing is said, as SQL Server's merge agent
   * does where it runs continuously. */
  merge_every_ms?: number | null;
  /** Heartbeats missed in a row after which a member counts as dead. */
  missed?: number;
  /** Whom a commit waits for. */
  mode?: Mode;
  /** What it takes at least to make it the primary, in milliseconds. */
  promotion_ms?: number;
  /** How long a user's reads go to the primary after a write of his own, in milliseconds. Without it: never. */
  read_your_writes_ms?: number | null;
  /** Who answers reads. */
  reads?: Reads;
  /** Whether what an old primary had and the new one has not is replayed when it is back. */
  recovery?: boolean;
  /** How long after a death was noticed a new machine takes the place of the dead one, in milliseconds. Without it: never. */
  replace_after_ms?: number | null;
  /** How often the primary ships what it has committed, in milliseconds; 0 is at once. */
  ship_every_ms?: number;
  /** For `snapshot`: how often each replica is copied anew, in milliseconds; a minute if nothing is said. */
  snapshot_every_ms?: number | null;
  /** The last so many instances take no reads: standbys. */
  standbys?: number;
  /** For `multi_primary`: who ships to whom. */
  topology?: Topology;
}

/** How the members of a cluster get what others have. */
export type ReplicationKind =
  /** One primary ships its log to replicas. */
  | "transactional"
  /** Replicas are copied anew from the primary at intervals. */
  | "snapshot"
  /** All take writes and exchange what has changed at intervals. */
  | "merge"
  /** All take writes and ship them as they commit. */
  | "multi_primary";

/** How a database that replicates stands. */
export interface ReplicationStatus {
  /** What is kept of its cluster elsewhere, if anything is to be. */
  backup: BackupStatus | null;
  /** Writes of its line that it has not applied yet. */
  behind: number;
  /** Where all members take writes: conflicts since the start, and the acknowledged writes that lost in them. */
  conflicts: [number, number] | null;
  /** Of a copy that it is being given: the part that is there, from 0 to 1. */
  copied: number | null;
  /** When rows were deleted by mistake that have not been restored, in milliseconds since the start of the run. */
  deleted_at_ms: number | null;
  /** Index of the node that it follows; its own, if it is a primary. */
  follows: number;
  /** How far it is behind: the age of the oldest write that it has not applied, in milliseconds. */
  lag_ms: number;
  /** Whether reads are sent to it. */
  listed: boolean;
  /** Writes that clients were told of and that only it has. */
  lost_writes: number;
  /** Reads since the start that found no row, since it was deleted by mistake. */
  missing_total: number;
  /** The position in the log up to which reads see writes. */
  position: number;
  /** What it is. */
  role: Role;
  /** Stale reads since the start. */
  stale_total: number;
  /** What it is on its way to be, or why it is less than its role says. */
  state: MemberState;
}

/** What a run came to, over what was measured: requests sent after the warm-up. */
export interface Report {
  /** What devices found among the files that they keep. */
  browsers?: BrowserReport;
  /** By class. */
  by_class: Record<string, ClassReport>;
  /** By client group, where these are at several places. */
  by_clients?: Record<string, ClassReport>;
  /** Machines as they stand at the end, or as they were on average where an autoscaler adds and removes them, and the traffic of a month at the measured load, where it has a price. */
  cost_per_month_usd: number;
  /** The parts of that, where traffic has a price. */
  costs_per_month?: Costs;
  /** Builds on their way to servers. */
  deployments?: DeploymentReport[];
  /** The digest of the whole run's outcomes, as 16 hexadecimal digits. */
  digest: string;
  /** Events handled since the start. */
  events: number;
  /** Latency of all answered requests, as the client saw it. */
  latency_ms: Latency;
  /** The number of the model. */
  model: number;
  /** What those who run it came to know and to do. */
  operations?: OperationsReport;
  /** Counts of requests. */
  requests: Requests;
  /** The scenario's name. */
  scenario: string;
  /** The seed. */
  seed: number | bigint;
  /** Sessions, where users have them. */
  sessions?: SessionsReport;
  /** Measured simulated time. */
  simulated_seconds: number;
  /** By tier. */
  tiers: Record<string, TierReport>;
  /** What became of writes. */
  writes: WritesReport;
}

/** Counts of requests: `issued = answered + failed + in_flight`. */
export interface Requests {
  /** Answered in time. */
  answered: number;
  /** Attempts: one per request, and one more per retry. */
  attempts: number;
  /** Failed, by cause; all causes are listed. */
  failed: Record<string, number>;
  /** Neither answered nor failed at the end. */
  in_flight: number;
  /** Sent by clients. */
  issued: number;
  /** Of the answered ones, those whose answer was that there is no such row, since it was deleted by mistake. */
  missing?: number;
}

/** Caching resolvers: the users of one share its record, and with it the address. */
export interface Resolvers {
  /** How many there are, from 1 to 10,000. */
  count?: number;
  /** How unequal they are: the n-th largest serves users in proportion to 1 / n to this power (Zipf), from 0 to 3. */
  exponent?: number;
}

/** How clients try again after an attempt failed or timed out. Every attempt may take `timeout_ms`. */
export interface Retry {
  /** Attempts in all, from 1 to 10. */
  attempts?: number;
  /** Pause before the second attempt, in milliseconds; it doubles from attempt to attempt. */
  backoff_ms?: number;
  /** Retries that a group may make for every 100 requests it sends; without it, as many as it likes. */
  budget_percent?: number | null;
  /** Whether each pause is drawn uniformly between 0 and its length ("full jitter"), so that clients that failed
   * together do not come back together. */
  jitter?: boolean;
  /** Whether writes are tried again too: one whose answer was lost may then be carried out twice. */
  writes?: boolean;
}

/** What a member is. */
export type Role =
  /** It takes writes. */
  | "primary"
  /** It follows the primary. */
  | "replica";

/** How an exchange compares keys. */
export type Routing =
  /** The binding's key is the message's. */
  | "direct"
  /** All that are bound get every message. */
  | "fan_out"
  /** The binding's key is a pattern. */
  | "topic";

/** A routing key that messages have. */
export interface RoutingKey {
  /** The key: words between dots. */
  key: string;
  /** Weight among the keys: its share of the messages. */
  share?: number;
}

/** The Universal Scalability Law (Gunther 2007): k cores that work do as much as k / (1 + σ (k − 1) + κ k (k − 1)) that do
 * not disturb each other. */
export interface Scalability {
  /** κ: what it costs each pair of cores to agree, as a share of the work, from 0 to 1. */
  coherency: number;
  /** σ: the share of the work during which a core keeps the others waiting, from 0 to 1. */
  contention: number;
}

/** A system, its users and what happens to it. */
export interface Scenario {
  /** Builds of the application that web servers run. */
  builds?: Record<string, Build>;
  /** What the servers run on. */
  machines: Record<string, Machine>;
  /** What people call it. */
  name: string;
  /** How far apart things are. */
  network?: Network;
  /** Those who run it, if anybody does. */
  operations?: Operations | null;
  /** Random outages of all that stands at a place, by place. */
  outages?: Record<string, Outages>;
  /** The seed of all randomness. */
  seed?: number | bigint;
  /** The parts of the system. */
  tiers: Record<string, Tier>;
  /** What happens to it, in order of time. */
  timeline?: Moment[];
  /** The format's version: 1. */
  version: number;
  /** Who sends what. */
  workload: Workload;
}

/** What there is to draw. Indices of nodes, tiers and machines are used by frames and statuses. */
export interface Scene {
  /** Who calls whom, by tier. */
  calls: ([number, number])[];
  /** Machines by number. */
  machines: SceneMachine[];
  /** Nodes by number. Instances that were taken out stay, so that numbers stay; see [`Life::Drained`]. */
  nodes: SceneNode[];
  /** The scenario as it stands. */
  scenario: Scenario;
  /** Nodes that may send each other what they have: members of the same cluster, each pair once. */
  streams: ([number, number])[];
  /** Tiers by number; the client groups are the first. */
  tiers: SceneTier[];
}

/** A machine. */
export interface SceneMachine {
  /** Cores. */
  cores: number;
  /** The id of its place. */
  place: string;
  /** What a change calls it: `machines.app.2`. */
  target: string;
}

/** A node. */
export interface SceneNode {
  /** Its address, for parts that have one: the two of a pair share it. */
  address: Address | null;
  /** It was taken out of its tier, since there were to be fewer, and is gone. */
  drained: boolean;
  /** Index of its machine. */
  machine: number | null;
  /** Its number within the tier, from 1. */
  number: number;
  /** The id of the place where it stands, if that is one. */
  place: string | null;
  /** What a change calls it: `web.2`. Empty for client groups. */
  target: string;
  /** Index of its tier. */
  tier: number;
}

/** A tier. */
export interface SceneTier {
  /** Its id in the scenario. */
  id: string;
  /** How many instances serve. */
  instances: number;
  /** Its kind. */
  kind: Kind;
  /** Whether they are a primary and those that follow it. */
  replicates: boolean;
}

/** The time that a core of speed 1 needs. */
export interface ServiceTime {
  /** Coefficient of variation (standard deviation / mean), for the shapes that have a choice: log-normal above 0,
   * uniform up to 0.577, hyperexponential above 1. */
  cv?: number | null;
  /** Its shape. */
  distribution?: Distribution;
  /** Mean, in milliseconds. */
  mean_ms: number;
}

/** Sessions of users. */
export interface Sessions {
  /** How long a session lasts without a request, in whole seconds. */
  idle_timeout_seconds: number;
  /** The size of a session, in kilobytes. */
  session_kb?: number;
  /** Work of a web server to check a password. With it users sign in, and classes may need a session; without it a session
   * is only what a balancer can bind to a server. */
  sign_in?: ServiceTime | null;
  /** Whether the run begins with users signed in, as they are when the system has been running for long; else nobody is. */
  steady_start?: boolean;
  /** The cache or database that keeps sessions, for all web servers. Without it, each keeps those that it made in its own
   * memory. */
  store?: string | null;
}

/** Sessions, since the start of the run. */
export interface SessionsReport {
  /** Requests whose cookie was looked at. */
  checked?: number;
  /** Requests of a session that was under way. */
  continued: number;
  /** Of these: another server had it. */
  elsewhere?: number;
  /** Of these: the session had not been used for too long. */
  expired?: number;
  /** Users who found that their session was lost: each once for a session. */
  logged_out?: number;
  /** How long look-ups in the store took, as the web servers saw it, where there is one. */
  look_up_ms?: Latency;
  /** Of these: it was lost, with its server or in its store. */
  lost?: number;
  /** Those of them that came to another server than the one before. */
  moved: number;
  /** Sessions that were lost with the memory of a server. */
  sessions_lost?: number;
  /** Passwords that were checked. */
  sign_ins?: number;
  /** Sessions that are known somewhere, at the end. */
  signed_in?: number;
  /** Those of them that were answered 401 and then repeated with name and password. */
  unauthorized?: number;
}

/** The field, or the fields, by which rows are put on shards. */
export type ShardKey =
  /** All rows of a user together. */
  | "user_id"
  /** Each row by itself. */
  | "order_id"
  /** Each row of each user by itself. */
  | "user_id_order_id"
  /** By when it was inserted. */
  | "created_at"
  /** All users of a country together. */
  | "country"
  /** All users together whose surnames begin with the same letter. */
  | "surname";

/** One shard. */
export interface ShardReport {
  /** Levels of the index by which it finds one. */
  index_levels: number;
  /** Rows that it has at the end. */
  rows: number;
  /** What its servers answered while it was measured. */
  served: number;
  /** Share of its machines' cores that worked, since the start of the run. */
  utilisation: number;
}

/** What a shard has. */
export interface ShardStatus {
  /** How much of its disk is taken, from 0 to 1, if that has an end. */
  full: number | null;
  /** While it gives or gets rows: how much of all that moves has arrived, from 0 to 1. */
  moved: number | null;
  /** Its rows. */
  rows: number;
  /** Its number, from 1. */
  shard: number;
  /** Its share of all rows, from 0 to 1. */
  share: number;
}

/** A table whose rows are on several shards. `instances` servers are one shard: with `replication`, a primary and its
 * replicas. */
export interface Sharding {
  /** Which shard a row is on. */
  by?: By;
  /** The most rows that the disk of a shard has room for. Without it, there is always room. */
  capacity_rows?: number | null;
  /** A field by which all rows are kept a second time, so that queries that name it need not ask all shards. Each write
   * has one more row to write. */
  copied_by?: Field | null;
  /** What a core copies when rows move, in megabytes per second. */
  copy_mb_per_second?: number;
  /** For `directory`: the last so many shards have only what the directory names. */
  dedicated?: number;
  /** For `directory`: the shards of single values of the key, from 1; of several, each has a copy and reads are spread
   * over them. All other values are shared out by their hash. */
  directory?: Record<string, number[]>;
  /** The key by which it is found. */
  key?: ShardKey;
  /** For `ranges`: which shard has which values of the key. Together they have all, and none twice. */
  ranges?: Range[];
  /** For `ring`: points of each shard on the ring, from 1 to 10,000. */
  ring_points?: number;
  /** How many shards there are, from 1 to 256. While the system runs it can only go up: rows then move. */
  shards?: number;
}

/** What the shards of a tier did. Counts are since the start of the run. */
export interface ShardingReport {
  /** Writes that were carried out anew at the shard that rows moved to. */
  caught_up_writes: number;
  /** Requests that one shard could answer, or take. */
  direct: number;
  /** Writes of the same rows at further shards. */
  extra_writes: number;
  /** Rows that were moved to another shard. */
  moved_rows: number;
  /** Whether rows are moving at the end. */
  moving: boolean;
  /** Requests that all shards had to be asked for. */
  scattered: number;
  /** Requests that came to a shard that had the row no more, and were sent on. */
  sent_on: number;
  /** The shards. */
  shards: ShardReport[];
}

/** A published revision of a stage. */
export interface Stage {
  /** The chapter that it belongs to, from 1. */
  chapter: number;
  /** Its permanent id. */
  id: string;
  /** Its revision, from 1. */
  revision: number;
}

/** Where a cache keeps its values. */
export type Storage =
  /** In memory: to fetch a value is a part of the look-up's work. */
  | "memory"
  /** On its machine's disk, with only the keys in memory: a hit is a read of the disk, a new value a write. */
  | "disk";

/** The strategies, by the field's names. */
export type Strategy =
  /** The application asks the cache, on a miss the database, and then fills the cache; it writes to the database, and
   * tells the cache. */
  | "cache_aside"
  /** On a miss the cache itself asks the database. Writes are as with cache-aside. */
  | "read_through"
  /** As read-through; and writes go to the cache, which writes to the database before it answers. */
  | "write_through"
  /** As read-through; and writes go to the cache, which answers at once and writes to the database later. What was not
   * written yet is lost in a crash. */
  | "write_behind"
  /** As read-through; and an entry that is asked for in the last part of its life is read anew in the background. */
  | "refresh_ahead";

/** How a build is brought to servers that serve. */
export interface Strategy2 {
  /** How many servers are out of service for it at the same time. */
  batch?: number;
  /** The share of the servers that get it first and are watched before the others follow; 0 for none. */
  canary_share?: number;
  /** How long a server may take to finish what it has, in milliseconds; what is left then fails. */
  drain_ms?: number;
  /** The share of failed requests of those who have it, above which all go back to the build before. Without it: none
   * does. */
  max_error_rate?: number | null;
  /** How long these are watched, and in the end all, in milliseconds. */
  observe_ms?: number;
}

/** Tests of a build: each asks it once. */
export interface Tests {
  /** How many there are, from 1 to 100,000. One that fails is enough to stop the build. */
  cases?: number;
  /** How long all of them take. */
  time?: ServiceTime;
}

/** A part of the system. See `decode.rs` for how it is read. */
export type Tier =
  /** The domain name system. */
  | {
    /** How long it takes to start, in milliseconds. */
    boot_ms?: number;
    /** Whether the DNS watches the addresses and leaves dead ones out of its answers. */
    health_check?: HealthCheck | null;
    /** How many name servers there are, from 1 to 13. Who gets no answer from one asks the next (RFC 1034, 5.3.3). */
    instances?: number;
    kind: "dns";
    /** What a look-up takes at the resolver, in milliseconds. */
    lookup_ms: number;
    /** How it chooses among the addresses. */
    policy?: AnswerPolicy;
    /** How long a device may keep the record, in whole seconds. */
    record_ttl_seconds: number;
    /** How often it is told how busy the servers behind the addresses are, in milliseconds. */
    report_every_ms?: number;
    /** Caching resolvers between devices and the DNS, as those of network operators. Without them every device asks by
     * itself. */
    resolvers?: Resolvers | null;
    /** Whether the run begins with what devices remember of a system that has been running for long, open connections
     * included; else nobody has ever asked or connected. */
    steady_start?: boolean;
  }
  /** A load balancer. */
  | {
    /** The tier that it forwards to. */
    backends: string;
    /** How long it takes to start, in milliseconds. */
    boot_ms?: number;
    /** Requests that may pass through it at once; what comes on top is refused. */
    connections?: number;
    /** How the passive one of a pair takes over. */
    failover?: Failover | null;
    /** Work to forward a request. */
    forward?: ServiceTime;
    /** How it watches its backends. */
    health_check?: HealthCheck;
    /** How many there are. Two with `failover` are a pair behind one address; else each has an address of its own. */
    instances?: number;
    kind: "load_balancer";
    /** What it can see: requests, connections or packets. */
    layer?: Layer;
    /** Whether it keeps requests at its own place: one of several data centres. */
    locality?: Locality;
    /** What it runs on. */
    machine: string;
    /** Whether backends are taken out that fail requests, whatever their probes say. */
    outlier_ejection?: OutlierEjection | null;
    /** How it chooses. */
    policy?: Policy;
    /** How often a request that a backend refused, or that died with it, is tried at another one. */
    retries?: number;
    /** Whether writes are tried again too: one that died with its server may then be carried out twice. */
    retry_writes?: boolean;
    /** Classes that go to another tier: at the application layer, where the path of a request can be read. */
    routes?: Record<string, string>;
    /** How long a server that was taken in gets less than its share, which grows from nothing to all, in milliseconds. */
    slow_start_ms?: number;
    /** Whether a user's session stays at one server, by a cookie. */
    sticky?: boolean;
    /** Weights of instances, by their numbers from 1; 1 for those not named. For the policy `weighted`. */
    weights?: Record<string, number>;
  }
  /** Web servers. */
  | {
    /** Adds and removes servers by itself. `instances` is then how many there are at the start. */
    autoscaler?: Autoscaler | null;
    /** Requests that may wait for a slot of each. */
    backlog: number;
    /** How long one takes to start, in milliseconds. */
    boot_ms?: number;
    /** The broker that they publish messages at. */
    broker?: string | null;
    /** The build of the application that they run at the start. */
    build?: string | null;
    /** The cache tier that they ask first. */
    cache?: string | null;
    /** The database tier that they ask. */
    database?: string | null;
    /** How long one that is taken out still serves users whose session is bound to it, in milliseconds. It finishes what it
     * has in any case. */
    draining_ms?: number;
    /** How many there are. */
    instances?: number;
    kind: "web_server";
    /** What they run on. */
    machine: string;
    /** Connections that each keeps to each database server; who finds none free waits. Without it, as many as are needed. */
    pool?: number | null;
    /** Whether they have public addresses. Without it: if they are the entry. */
    public?: boolean | null;
    /** Cores of each machine that are its own, and that it may not exceed; without it, it shares the cores that nobody
     * has reserved. */
    reserved_cores?: number | null;
    /** Requests that each has in hand at once. */
    slots: number;
  }
  /** A cache. */
  | {
    /** Look-ups that may wait. */
    backlog: number;
    /** How long it takes to start, in milliseconds. */
    boot_ms?: number;
    /** Entries that each of them may hold. It needs `workload.keys`. */
    capacity_entries?: number | null;
    /** Megabytes that each of them may hold. Without it: what its machine has, if that is known. */
    capacity_mb?: number | null;
    /** Whether reads of one web server that miss the same key at the same time ask the database once. */
    coalesce?: boolean;
    /** For all strategies but `cache_aside`: the database tier that the cache itself asks. */
    database?: string | null;
    /** How those who use it find out that one of the servers is dead. Without it they turn to it again and again. */
    detection?: Detection | null;
    /** What goes first when there is no room. */
    eviction?: Eviction;
    /** For `write_behind`: how long writes are kept back, in milliseconds; they then go to the database together. */
    flush_interval_ms?: number;
    /** Instead of entries: the probability that it has what is asked for. */
    hit_probability?: number | null;
    /** How many servers there are, each holding other keys. */
    instances?: number;
    kind: "cache";
    /** Work of a look-up. */
    lookup: ServiceTime;
    /** What it runs on. */
    machine: string;
    /** What a write does to the entry of its key, once the database has carried it out. */
    on_write?: OnWrite;
    /** Which of them holds a key. */
    placement?: Placement;
    /** For `refresh_ahead`: the last part of its life in which an entry that is asked for is read anew, above 0 and up to
     * 1. */
    refresh_in_last?: number;
    /** How many of the servers hold each key, from 1 to 3, at different places as far as there are as many. */
    replicas?: number;
    /** For `ring`: points of each server on the ring, from 1 to 10,000. */
    ring_points?: number;
    /** Look-ups that it has in hand at once. */
    slots: number;
    /** Where it keeps its values. */
    storage?: Storage;
    /** How cache and database are kept together. */
    strategy?: Strategy;
    /** The part of its life that an entry may lose at random, from 0 to 1, so that not all expire at once. */
    ttl_jitter?: number;
    /** How long an entry lives, in milliseconds. Without it, until it has to go. */
    ttl_ms?: number | null;
    /** Whether the cache refuses values that are older than a write that it was told of: without it, a reader's fill
     * that a write has overtaken leaves a stale entry. */
    versioned_fill?: boolean;
    /** Whether the run begins with what the cache holds in the long run; else it is empty. */
    warm_start?: boolean;
  }
  /** A database. */
  | {
    /** Queries that may wait for a connection. */
    backlog: number;
    /** How its data is backed up. Without it, it is not. */
    backup?: Backup | null;
    /** How long it takes to start, in milliseconds. */
    boot_ms?: number;
    /** Memory for pages, in megabytes, where its machine has a disk. Without it: three quarters of the machine's memory
     * (what MySQL's manual advises at most). */
    buffer_pool_mb?: number | null;
    /** Its kind, which says what queries take. */
    engine?: Engine;
    /** How many there are; of each shard, where there are shards. More than one relational or graph database are a primary and its replicas, with
     * `replication`, or identical copies that take turns, for theory and benchmarks without writes; the others split their
     * keys among them. */
    instances?: number;
    kind: "database";
    /** What it runs on. */
    machine: string;
    /** How its instances replicate. Without it, they do not. */
    replication?: Replication | null;
    /** Cores of each machine that are its own, and that it may not exceed; without it, it shares the cores that nobody
     * has reserved. */
    reserved_cores?: number | null;
    /** Size of a row on the disk, in kilobytes, where it has not all of a value's columns. Without it, that of the value. */
    row_kb?: number | null;
    /** Rows that it holds, in millions. */
    rows_million?: number;
    /** How its rows are put on shards. Without it, they are not: each server has all. */
    sharding?: Sharding | null;
    /** Connections: queries that it has in hand at once. */
    slots: number;
    /** Whether the run begins with the pages in memory that are there in the long run; else with none. */
    warm_start?: boolean;
  }
  /** A content delivery network. */
  | {
    /** How long an edge takes to start, in milliseconds. */
    boot_ms?: number;
    /** Files that each edge may hold. */
    capacity_entries?: number;
    /** Megabytes that each edge may hold, on disks: they outlast a restart. */
    capacity_mb?: number;
    /** Whether requests that miss the same file at the same time at an edge ask the origin once. */
    coalesce?: boolean;
    /** What goes first when there is no room. */
    eviction?: Eviction;
    /** How fast an edge gets a file from the origin, in megabits per second. Its connections stay open and are warm:
     * there is neither a handshake nor slow start. */
    fill_mbps?: number;
    kind: "cdn";
    /** What a request takes at an edge, in milliseconds. */
    lookup_ms?: number;
    /** The tier that edges ask for what they do not have. */
    origin: string;
    /** Where its edges stand, one at each. */
    places: string[];
    /** Price of what edges fetch from the origin, in US dollars per gigabyte, beside what the origin pays for sending it. */
    price_fill_per_gb_usd?: number;
    /** Price of what edges send to clients, in US dollars per gigabyte. */
    price_out_per_gb_usd?: number;
    /** Price of 10,000 requests, in US dollars. */
    price_per_10000_requests_usd?: number;
    /** How long a purge takes to the edges, in milliseconds, beside the way from the origin. Providers promise some
     * seconds (Akamai Fast Purge: about 5). */
    purge_ms?: number;
    /** How many requests each source address may send to an edge. */
    rate_limit?: RateLimit | null;
    /** How long it takes until clients are led to other edges when one dies, and back when it serves again, in
     * milliseconds. 80 % of the networks follow within 10 s (An Empirical Characterization of Anycast Convergence Time,
     * ANRW 2024). */
    reroute_ms?: number;
    /** Another tier that they ask for requests of a class, by class. */
    routes?: Record<string, string>;
    /** The tier that they ask for a file that the origin fails to give them, as an origin group's secondary origin. */
    second_origin?: string | null;
  }
  /** A store of files. */
  | {
    /** How long it takes to start, in milliseconds. */
    boot_ms?: number;
    /** How long it takes to begin an answer. Amazon's guide names 100 to 200 ms for small objects. */
    first_byte?: ServiceTime;
    kind: "object_store";
    /** Where it stands. */
    place: string;
    /** Price of what it sends, in US dollars per gigabyte. */
    price_out_per_gb_usd?: number;
    /** Price of 1,000 reads, in US dollars. */
    price_per_1000_requests_usd?: number;
    /** Price of what it holds, in US dollars per gigabyte and month. */
    price_per_gb_month_usd?: number;
    /** What it holds, in gigabytes, which is paid by the month. */
    stored_gb?: number;
  }
  /** A message broker. */
  | {
    /** How long it takes to start, in milliseconds. */
    boot_ms?: number;
    /** Where messages are published. */
    exchanges: Record<string, Exchange>;
    kind: "message_broker";
    /** What it runs on. Durable queues need a machine with a disk. */
    machine: string;
    /** Messages that it holds at most, from 1 to 10,000,000: beyond, it lets publishers wait (RabbitMQ's memory alarm). */
    messages_max?: number;
    /** Where messages wait. */
    queues: Record<string, Queue>;
    /** How long after its death it is told to start again, in milliseconds, with the same disk, on another machine if need be: by
     * what watches over it, as Kubernetes or Pacemaker does. Without it, somebody has to. */
    restart_after_ms?: number | null;
    /** Its work for a message: to route, store and send it. */
    work: ServiceTime;
  }
  /** Workers. */
  | {
    /** How many each acknowledges together, from 1 to `prefetch`: it waits until so many are done, or there is nothing else to
     * do. */
    acknowledge_every?: number;
    /** Adds and removes workers by itself: by `queue_depth` it goes by what waits in the queue. */
    autoscaler?: Autoscaler | null;
    /** How long one takes to start, in milliseconds. */
    boot_ms?: number;
    /** The broker. */
    broker: string;
    /** How long one that was taken out is paid for while it finishes what it has in hand, in milliseconds. */
    draining_ms?: number;
    /** How many there are. */
    instances?: number;
    kind: "worker";
    /** What they run on. */
    machine: string;
    /** Where what a person has decided is published, if what is done here goes to a person next. */
    people?: People | null;
    /** The share of messages that no worker can do, from 0 to 1. */
    poison_share?: number;
    /** Messages that each may have that it has not acknowledged, those counted that wait at it, from 1 to 65,535. */
    prefetch?: number;
    /** The queue that they consume. */
    queue: string;
    /** How long a worker that has lost the broker waits before it tries again, in milliseconds (RabbitMQ's Java client: 5,000). */
    reconnect_ms?: number;
    /** How many messages they remember to have done, so as not to do them again, from 1 to 1,000,000. Without it, they do what
     * they get. */
    remembers?: number | null;
    /** Whether these go back to the queue, to be tried again; else they are given up at once. */
    requeue?: boolean;
    /** Messages that each works on at once. */
    slots: number;
    /** What a message takes, if not what its job says. */
    work?: ServiceTime | null;
  };

/** One tier. Fields that make no sense for its kind are absent. */
export interface TierReport {
  /** Writes that clients were told of. */
  acknowledged_writes?: number;
  /** Of name servers that do not answer in turn: how often each address, by client group, since the start of the run. */
  answers?: Record<string, number[]>;
  /** Backups, where there are any. */
  backups?: BackupReport;
  /** Requests turned away by the limit for source addresses. */
  blocked?: number;
  /** The same by client group, where there were any. */
  blocked_by_group?: Record<string, number>;
  /** Of a database with a disk: its pages in memory. */
  buffer_pool?: PoolReport;
  /** Servers by the build of the application that they run at the end, if they run any. */
  builds?: Record<string, number>;
  /** By place, of the whole network. */
  by_edge?: Record<string, CdnReport>;
  /** Misses that waited for another one's fill. */
  coalesced?: number;
  /** Acknowledged writes that a rule for conflicts overwrote, where several members take writes. */
  conflict_losers?: number;
  /** Writes that were in conflict with others and gave way. */
  conflicts?: number;
  /** Share of the time in which its machines' disks were busy, of all operations at once that they could do. */
  disk_utilisation?: number;
  /** Writes that a second primary took. */
  diverged_writes?: number;
  /** Messages whose work was done and left its effect. */
  done?: number;
  /** Those of them whose work had been done before. */
  duplicates?: number;
  /** Those of them that are a part of the history: that the primary has, or that no rule for conflicts overwrote. */
  durable_writes?: number;
  /** Files held at the end. */
  entries?: number;
  /** Files that had to go because there was no room. */
  evicted?: number;
  /** Misses of a file that was held but had expired. */
  expired?: number;
  /** Gigabytes fetched from the origin. */
  filled_gb?: number;
  /** Files that it asked the origin for: misses − coalesced. */
  fills?: number;
  /** Publishers that had to wait, since the broker held as many messages as it may. */
  held_up?: number;
  /** hits / (hits + misses); absent before the first request for a file. */
  hit_ratio?: number;
  /** Requests for files that it had. */
  hits?: number;
  /** Instances meant to serve, at the end. */
  instances: number;
  /** Its kind. */
  kind: Kind;
  /** The longest such time. */
  lag_max_ms?: number;
  /** Mean time from a commit at the primary until a replica has applied it, over all replicas; absent if none applied
   * anything. */
  lag_ms?: number;
  /** Servers that were booted because there were to be more, since the start of the run. */
  launched?: number;
  /** Those of them that it has not, or that were only on a disk that is gone. */
  lost_writes?: number;
  /** The servers, by instance. */
  members?: MemberReport[];
  /** Requests for files that it did not have. */
  misses?: number;
  /** Reads that found no row, since it was deleted by mistake. */
  missing_reads?: number;
  /** Messages that could not be done. */
  not_done?: number;
  /** Gigabytes sent to clients. */
  out_gb?: number;
  /** Requests passed to the origin, as their answers may not be kept. */
  passed?: number;
  /** Requests that a balancer sent to each backend since the start of the run, retries included, by tier. */
  per_backend?: Record<string, number[]>;
  /** Requests answered, by instance. */
  per_instance: number[];
  /** Promotions, planned ones too. */
  promotions?: number;
  /** Messages that came to an exchange. */
  published?: number;
  /** Requests that had arrived but were not yet being served, on average over time. */
  queue_mean: number;
  /** The queues. */
  queues?: Record<string, QueueReport>;
  /** Messages that had been done before, and were recognised. */
  recognised?: number;
  /** Writes replayed from old primaries' logs. */
  recovered_writes?: number;
  /** Of the last promotion or restore: how long before the primary's end the writes begin that were lost; 0 if none was. */
  recovery_point_ms?: number;
  /** Of the last promotion or restore: from the primary's end until writes went on. */
  recovery_time_ms?: number;
  /** Entries that were read anew before they expired. */
  refreshed?: number;
  /** Messages that a full queue did not take. */
  rejected?: number;
  /** Restores from backups. */
  restores?: number;
  /** Those of these that went back to their publishers. */
  returned?: number;
  /** Copies of them that exchanges routed to queues. */
  routed?: number;
  /** Gigabytes sent to clients and edges, where traffic has a price. */
  sent_gb?: number;
  /** Requests answered; failures not counted. */
  served: number;
  /** Server · hours that cost money, booting and draining ones counted, while it was measured. */
  server_hours?: number;
  /** The same as servers on average. */
  servers_mean?: number;
  /** Of databases that are sharded. */
  sharding?: ShardingReport;
  /** Share of its slots that were taken. */
  slots_utilisation?: number;
  /** Reads that were older than the newest write acknowledged before they were sent. */
  stale_reads?: number;
  /** Servers that are gone because there were to be fewer, since the start of the run. */
  terminated?: number;
  /** Messages that no queue was bound for. */
  unroutable?: number;
  /** Share of its machines' cores that worked, of those that were up. */
  utilisation?: number;
  /** How long they waited. */
  wait_ms: Latency;
  /** What waits for a person at the end. */
  with_people?: number;
  /** Writes that were answered before the database had them, and what became of them, since the start of the run. */
  write_behind?: WriteBehindReport;
}

/** Which primaries ship to which. */
export type Topology =
  /** Each to all others. */
  | "all_to_all"
  /** Each to the next one, round a ring. */
  | "circular";

/** Who sends what. */
export interface Workload {
  /** How requests come. */
  arrivals?: Arrivals;
  /** Classes of requests. */
  classes: Record<string, Class>;
  /** Groups of clients. */
  clients: Record<string, ClientGroup>;
  /** How arrivals follow the day. Without it, they are the same at all hours. */
  day?: Day | null;
  /** The DNS tier that resolves it. Without one, clients know the address. */
  dns?: string | null;
  /** The tier whose address clients get. */
  entry: string;
  /** The keys of the site's data. Without them requests ask for nothing in particular. */
  keys?: Keys | null;
  /** Requests that each user sends per second, on average. */
  requests_per_user_per_second?: number;
  /** Sessions, if users have them. */
  sessions?: Sessions | null;
  /** How unequal users are: the n-th most active one sends in proportion to 1 / n to this power (Zipf), from 0, where
   * all are alike, to 3. */
  user_activity_exponent?: number;
  /** Users, from 1 to 100,000,000. */
  users: number;
}

/** Writes that a cache answered before the database had them: accepted = written + lost + waiting. */
export interface WriteBehindReport {
  /** Answered by the cache. */
  accepted: number;
  /** Of these: lost in a crash of the cache. */
  lost_writes: number;
  /** Of these: kept back, or on their way to the database. */
  waiting: number;
  /** Of these: carried out by the database since. One whose place a later one took counts with that. */
  written: number;
}

/** What became of writes, since the start of the run. */
export interface WritesReport {
  /** Carried out by a database, repetitions included. */
  applied: number;
  /** Carried out though the client was told that they failed, or gave up. */
  applied_but_failed: number;
  /** Carried out again though they had been before. */
  doubled: number;
}
