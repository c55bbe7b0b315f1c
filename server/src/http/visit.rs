//! What is known of one request, in its extensions.

use std::net::IpAddr;

use weir_domain::access::{Caller, Origin};

use super::remote::Remote;

/// Made for every request before anything else.
#[derive(Debug, Clone)]
pub struct Visit {
    /// In the log and on error pages.
    pub request_id: String,
    /// Of this answer's Content-Security-Policy.
    pub nonce: String,
    /// Where it comes from, as far as it can be known.
    pub remote: Remote,
}

/// Who asks, once the gate has looked. Debug shows no token.
#[derive(Clone, Default)]
pub struct Who {
    pub caller: Option<Caller>,
    /// The session's token, as the browser sent it.
    pub token: Option<String>,
}

impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Who").field("caller", &self.caller.as_ref().map(|c| &c.person)).finish_non_exhaustive()
    }
}

impl Visit {
    /// For the log and the audit.
    pub fn origin(&self) -> Origin {
        Origin { request_id: self.request_id.clone(), remote: self.remote_subject() }
    }

    /// Whom to count failed attempts by. One IPv6 customer has a whole /64.
    pub fn remote_subject(&self) -> String {
        match self.remote.address.to_canonical() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}
