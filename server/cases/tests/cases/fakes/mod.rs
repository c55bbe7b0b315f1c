mod accounts;
mod clock;
mod news;
mod ports;

pub use accounts::FakeAccounts;
pub use clock::FakeClock;
pub use news::FakeNews;
pub use ports::{Data, FakePorts};
