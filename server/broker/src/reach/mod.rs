//! Which addresses a source may connect to. Whoever may write `weir.toml` may reach whatever this machine reaches;
//! whoever makes a source in the browser must not be able to turn this server against its own surroundings.
//!
//! An address is judged after its name was looked up and right before it is connected to, and what was judged is what
//! is connected to: a name that means something else the next moment gains nothing. Clients that look names up by
//! themselves connect through a [`Gate`].

mod dial;
mod gate;
mod network;
mod rule;

pub use dial::NotReached;
pub use gate::Gate;
pub use network::Network;
pub use rule::AddressRule;

use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpStream;

/// Which addresses may be connected to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reach {
    /// The administrator's own word: a source of the file.
    #[default]
    Anywhere,
    /// A source made in the browser.
    Only(Arc<AddressRule>),
}

impl Reach {
    /// All addresses of `host:port`, each with why it may not be used, if so.
    ///
    /// # Errors
    /// When the name has none, or nobody answers for it in time.
    pub async fn resolve(
        &self,
        address: &str,
        within: Duration,
    ) -> Result<Vec<(SocketAddr, Option<&'static str>)>, NotReached> {
        let rule = match self {
            Self::Anywhere => None,
            Self::Only(rule) => Some(rule),
        };
        let found = dial::look_up(address, within).await?;
        Ok(found.into_iter().map(|at| (at, rule.and_then(|r| r.refuses(at.ip())))).collect())
    }

    /// Connects to the first address of `host:port` that may be used and answers.
    ///
    /// # Errors
    /// Why none did.
    pub async fn connect(&self, address: &str, within: Duration) -> Result<TcpStream, NotReached> {
        dial::connect(self.resolve(address, within).await?, within).await
    }
}
