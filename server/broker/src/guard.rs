//! The one way to anything that changes a broker (decisions 14 and 26). What writes (today: [`crate::LagProbe`], positions
//! of groups) takes a [`Permit`], and nobody but a [`Guarded`] broker makes one. The composition root hands out guarded
//! brokers and no others, so that `read_only`, the ceiling and the allow-list stand before every write, whatever roles say
//! above.

use crate::{
    Assignment, Broker, BrokerError, ChannelSize, Discovery, EstimatedRead, LagProbe, ReadLimits, Reader, Wanted,
};
use async_trait::async_trait;
use futures::future::BoxFuture;
use std::sync::Arc;
use weir_domain::{access::channel_pattern_matches, sources::Step};

/// How far anybody may act on a source: `act` in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Ceiling {
    #[default]
    None,
    /// Positions of consumer groups may be moved.
    Offsets,
    /// That, and events may be sent.
    Replay,
}

impl Ceiling {
    /// `None` for a word the configuration does not know; treat that as [`Ceiling::None`].
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "offsets" => Some(Self::Offsets),
            "replay" => Some(Self::Replay),
            _ => None,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Offsets => "offsets",
            Self::Replay => "replay",
        }
    }
}

/// What changes a broker. There is no other kind (decision 26).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Reset or delete positions of a consumer group.
    MoveOffsets,
    /// Send an event: replay it, or write a new one.
    Send,
}

impl Act {
    const fn needs(self) -> Ceiling {
        match self {
            Self::MoveOffsets => Ceiling::Offsets,
            Self::Send => Ceiling::Replay,
        }
    }
}

/// How far Weir may go on one source, as its owner configured it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowance {
    /// Of this source or of the whole installation.
    pub read_only: bool,
    pub act: Ceiling,
    /// Allow-list of channels; `*` stands for any run of characters.
    pub channels: Vec<String>,
}

/// Why nothing is written, for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Weir may only read from {0}: read_only is set.")]
    ReadOnly(String),
    #[error("{source_name} allows act = \"{}\", and this needs \"{}\".", allowed.as_str(), needs.as_str())]
    Ceiling { source_name: String, allowed: Ceiling, needs: Ceiling },
    #[error("{channel} is not among the channels of {source_name}.")]
    NotListed { source_name: String, channel: String },
    #[error("{0} is the broker's own channel, which Weir never writes to.")]
    Internal(String),
}

/// One act on one channel is allowed. Writing methods take it by value: one permit, one request.
#[derive(Debug)]
pub struct Permit {
    act: Act,
    channel: String,
}

impl Permit {
    pub const fn act(&self) -> Act {
        self.act
    }

    pub fn channel(&self) -> &str {
        &self.channel
    }
}

/// A broker with its owner's limits. Reading passes through; it has limits of its own.
#[derive(Clone)]
pub struct Guarded {
    name: String,
    broker: Arc<dyn Broker>,
    allowance: Allowance,
}

impl Guarded {
    /// `name` is the source's.
    pub fn new(name: impl Into<String>, broker: Arc<dyn Broker>, allowance: Allowance) -> Self {
        Self { name: name.into(), broker, allowance }
    }

    /// May this be done to this channel? `internal`: it is the broker's own bookkeeping.
    ///
    /// # Errors
    /// Why not.
    pub fn permit(&self, act: Act, channel: &str, internal: bool) -> Result<Permit, Refused> {
        let Allowance { read_only, act: allowed, channels } = &self.allowance;
        let source_name = || self.name.clone();
        if *read_only {
            return Err(Refused::ReadOnly(source_name()));
        }
        if *allowed < act.needs() {
            return Err(Refused::Ceiling { source_name: source_name(), allowed: *allowed, needs: act.needs() });
        }
        if !channels.iter().any(|pattern| channel_pattern_matches(pattern, channel)) {
            return Err(Refused::NotListed { source_name: source_name(), channel: channel.to_owned() });
        }
        if internal {
            return Err(Refused::Internal(channel.to_owned()));
        }
        Ok(Permit { act, channel: channel.to_owned() })
    }
}

#[async_trait]
impl Broker for Guarded {
    async fn discover(&self) -> Result<Discovery, BrokerError> {
        self.broker.discover().await
    }

    async fn examine(&self, wanted: &Wanted, tell: &mut (dyn FnMut(Step) + Send)) {
        self.broker.examine(wanted, tell).await;
    }

    async fn sizes(&self, channels: &[String]) -> Result<Vec<ChannelSize>, BrokerError> {
        self.broker.sizes(channels).await
    }

    async fn reader(&self, limits: ReadLimits) -> Result<Box<dyn Reader>, BrokerError> {
        self.broker.reader(limits).await
    }

    async fn estimate(&self, assignments: &[Assignment]) -> Result<EstimatedRead, BrokerError> {
        self.broker.estimate(assignments).await
    }

    fn replaced(&self) -> BoxFuture<'static, ()> {
        self.broker.replaced()
    }

    fn lag(&self) -> Option<Arc<dyn LagProbe>> {
        self.broker.lag()
    }

    fn notice(&self) -> Option<String> {
        self.broker.notice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryBroker;

    fn guarded(read_only: bool, act: Ceiling) -> Guarded {
        let allowance = Allowance { read_only, act, channels: vec!["order.*".into(), "__*".into()] };
        Guarded::new("shop", Arc::new(MemoryBroker::new()), allowance)
    }

    #[test]
    fn nothing_is_written_beyond_the_ceiling_nor_at_all_when_read_only() {
        let ceilings = [Ceiling::None, Ceiling::Offsets, Ceiling::Replay];
        let allowed = |read_only, ceiling| {
            [Act::MoveOffsets, Act::Send]
                .map(|act| guarded(read_only, ceiling).permit(act, "order.placed", false).is_ok())
        };
        assert_eq!(ceilings.map(|c| allowed(false, c)), [[false, false], [true, false], [true, true]]);
        assert_eq!(ceilings.map(|c| allowed(true, c)), [[false, false]; 3]);
        assert_eq!(ceilings.map(|c| Ceiling::parse(c.as_str())), ceilings.map(Some));
        assert_eq!(Ceiling::parse("everything"), None);
    }

    #[test]
    fn only_listed_channels_and_never_the_brokers_own() {
        let shop = guarded(false, Ceiling::Replay);
        let permit = shop.permit(Act::Send, "order.placed", false).unwrap();
        assert_eq!((permit.act(), permit.channel()), (Act::Send, "order.placed"));
        let refused = |channel, internal| shop.permit(Act::Send, channel, internal).unwrap_err().to_string();
        assert_eq!(refused("payment.made", false), "payment.made is not among the channels of shop.");
        assert!(refused("__consumer_offsets", true).contains("never writes"));
        let why = |g: Guarded| g.permit(Act::Send, "order.placed", false).unwrap_err().to_string();
        assert_eq!(why(guarded(true, Ceiling::Replay)), "Weir may only read from shop: read_only is set.");
        assert_eq!(why(guarded(false, Ceiling::Offsets)), "shop allows act = \"offsets\", and this needs \"replay\".");
    }

    /// Whoever adds a method to the contract is sent here: does it change anything at the broker? Then it takes a
    /// [`Permit`]; else it is named below.
    #[test]
    fn the_contract_only_reads() {
        let reads = [
            "examine",
            "sizes",
            "discover",
            "reader",
            "estimate",
            "replaced",
            "lag",
            "notice",
            "assign",
            "read",
            "throttled_ms",
            "observe",
            "group",
            "positions_at",
        ];
        let contract = [include_str!("contract.rs"), include_str!("lag.rs")];
        let methods: Vec<&str> = contract
            .into_iter()
            .flat_map(|c| c.split("pub trait ").skip(1))
            .map(|t| t.split("\n}").next().unwrap_or_default())
            .flat_map(|t| t.split("fn ").skip(1))
            .filter(|m| !m.split(';').next().is_some_and(|signature| signature.contains("Permit")))
            .filter_map(|m| m.split('(').next())
            .collect();
        assert_eq!(methods, reads, "a method that neither reads nor takes a permit");
    }
}
