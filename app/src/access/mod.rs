//! Signing in and the first administrator. Plain forms: they work before, and without, the bundle.

#[cfg(feature = "ssr")]
pub mod api;
mod fields;
mod gate;
mod problem;
mod set_up;
mod sign_in;

pub use set_up::SetUp;
pub(crate) use sign_in::sign_in_again;
pub use sign_in::{SignIn, sign_in_path};
