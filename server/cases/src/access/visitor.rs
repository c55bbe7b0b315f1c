use weir_domain::access::Origin;

/// Somebody at the door, before it is known who they are.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub origin: Origin,
    /// Whom to count failed log-ins by besides the log-in name: their network, where it is their own.
    pub counted_as: String,
}

impl<S: AsRef<str>> From<S> for Visitor {
    /// Known by their network alone.
    fn from(remote: S) -> Self {
        let remote = remote.as_ref();
        Self { origin: Origin { request_id: String::new(), remote: remote.to_owned() }, counted_as: remote.to_owned() }
    }
}
