//! Signing in, the first administrator, invitations: plain forms, drawn by the server without the bundle. And one's own
//! account.

#[cfg(feature = "ssr")]
pub(crate) mod account;
#[cfg(feature = "ssr")]
pub mod api;
mod ask_link;
#[cfg(feature = "ssr")]
mod fields;
#[cfg(feature = "ssr")]
mod gate;
#[cfg(feature = "ssr")]
mod invite;
#[cfg(feature = "ssr")]
mod problem;
#[cfg(feature = "ssr")]
mod set_up;
#[cfg(feature = "ssr")]
mod sign_in;
mod way_in;

pub(crate) use ask_link::ask_link;
#[cfg(feature = "ssr")]
pub use gate::GATE_PATHS;
#[cfg(feature = "ssr")]
pub(crate) use gate::gate_page;
pub(crate) use way_in::sign_in_again;
pub use way_in::sign_in_path;
