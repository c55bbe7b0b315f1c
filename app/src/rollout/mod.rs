//! Rolling out: from nothing to payloads in small steps, each with what it needs, costs, and the way back.

mod acls;
mod page;

pub(crate) use page::rollout;
