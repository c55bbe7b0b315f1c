//! Child processes that die with us, and free ports for them.

mod child;
pub(crate) mod janitor;
mod ports;
mod spawner;
mod tool;

pub use child::{Child, Exit};
pub use ports::{HeldPorts, free_port};
pub use spawner::Spec;
pub(crate) use tool::{Account, run};
