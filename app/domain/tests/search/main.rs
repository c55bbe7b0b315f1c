//! The language of the query bar: its grammar, and that its quick evaluation means what the plain one says.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends at its first surprise; a campaign tells its seed"
)]

mod agree;
mod bounds;
mod grammar;
mod hostile;
mod meaning;
mod random;
mod speed;
