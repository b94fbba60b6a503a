//! Why requests fail.

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The backlog of a server was full.
    Refused,
    /// The client's patience ended.
    Timeout,
    /// A server died with the request on it.
    Killed,
    /// Nobody answered at the address: the server was down.
    Unreachable,
    /// The balancer had no healthy backend.
    NoHealthyBackend,
    /// The domain name could not be resolved.
    Unresolved,
    /// A server gave up waiting for one behind it that had gone silent.
    GatewayTimeout,
    /// The address is private: no route leads there from outside.
    Unroutable,
    /// The connection was with another server, which does not know it.
    Reset,
    /// Too many requests came from its source address.
    RateLimited,
    /// It is a write, and there is no primary to take it: during a failover, or at one that is none any more.
    ReadOnly,
    /// 401: its cookie is not known. The client repeats it with name and password, so no request ends so.
    Unauthorized,
    /// The disk of the server is full: it takes no new rows.
    DiskFull,
    /// A faulty build of the application answered with an error.
    ApplicationError,
    /// The value was written in a newer format than the build can read that was to answer with it.
    Unreadable,
    /// A queue of the broker had no room for its message.
    QueueFull,
    /// No queue was bound for its message, which came back.
    Returned,
}

impl Cause {
    /// All causes, in the order of their numbers.
    pub const ALL: [Self; 17] = [
        Self::Refused,
        Self::Timeout,
        Self::Killed,
        Self::Unreachable,
        Self::NoHealthyBackend,
        Self::Unresolved,
        Self::GatewayTimeout,
        Self::Unroutable,
        Self::Reset,
        Self::RateLimited,
        Self::ReadOnly,
        Self::Unauthorized,
        Self::DiskFull,
        Self::ApplicationError,
        Self::Unreadable,
        Self::QueueFull,
        Self::Returned,
    ];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Killed => "killed",
            Self::Unreachable => "unreachable",
            Self::NoHealthyBackend => "no_healthy_backend",
            Self::Unresolved => "unresolved",
            Self::GatewayTimeout => "gateway_timeout",
            Self::Unroutable => "unroutable",
            Self::Reset => "reset",
            Self::RateLimited => "rate_limited",
            Self::ReadOnly => "read_only",
            Self::Unauthorized => "unauthorized",
            Self::DiskFull => "disk_full",
            Self::ApplicationError => "application_error",
            Self::Unreadable => "unreadable",
            Self::QueueFull => "queue_full",
            Self::Returned => "returned",
        }
    }

    /// Whether the connection over which the attempt was sent is of no use afterwards: nobody answered over it.
    pub const fn breaks_connection(self) -> bool {
        match self {
            Self::Timeout | Self::Killed | Self::Unreachable | Self::Reset => true,
            Self::Refused
            | Self::NoHealthyBackend
            | Self::Unresolved
            | Self::GatewayTimeout
            | Self::Unroutable
            | Self::RateLimited
            | Self::ReadOnly
            | Self::Unauthorized
            | Self::DiskFull
            | Self::ApplicationError
            | Self::Unreadable
            | Self::QueueFull
            | Self::Returned => false,
        }
    }
}
