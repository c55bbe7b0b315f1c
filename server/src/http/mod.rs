//! Everything that speaks HTTP: routes, what they ask of their caller, pages, calls, streams.

mod answer;
mod api;
mod build;
mod bundle;
pub mod forms;
mod gate;
mod headers;
mod health;
mod live;
mod mount;
mod origin;
mod pages;
mod payload;
mod readiness;
mod request;
mod routes;
pub mod server;
mod session;
mod site;
mod visit;

pub use bundle::Bundle;
pub use live::Desk;
pub use mount::{Gate, Mount, MountError, Mounted};
pub use origin::OriginPolicy;
pub use readiness::{NotReady, Readiness, Taps};
pub use routes::router;
pub use site::{Parts, Site};
