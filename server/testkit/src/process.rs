//! Child processes that die with us, servers made of them, and free ports for both.

mod child;
pub(crate) mod janitor;
mod ports;
mod server;
mod spawner;
mod tool;

pub use child::{Child, Exit};
pub use ports::{HeldPorts, free_port};
pub(crate) use server::{OfRun, Server, on_free_ports};
pub use spawner::Spec;
pub(crate) use tool::{Account, run};
