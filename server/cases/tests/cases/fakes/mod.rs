mod accounts;
mod audit;
mod clock;
mod erasures;
mod news;
mod people;
mod ports;
mod searches;
mod tokens;

pub use accounts::FakeAccounts;
pub use audit::{FakeAudit, key_hash};
pub use clock::FakeClock;
pub use erasures::{FakeErasures, SUBJECT};
pub use news::FakeNews;
pub use people::FakePeople;
pub use ports::{Data, FakePorts};
pub use searches::FakeSearches;
