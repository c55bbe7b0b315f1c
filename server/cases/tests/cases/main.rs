//! The use cases as one piece, on fakes that leak: every fake port answers with everything it has,
//! whatever the view says, so that what a caller must not see has to be stopped here.
//!
//! `cfg(test)` tells clippy what cargo knows already: all of this is test code.

#[cfg(test)]
mod access_table;
#[cfg(test)]
mod attention;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod audit_batches;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod capture;
#[cfg(test)]
mod channel;
#[cfg(test)]
mod complete;
#[cfg(test)]
mod erasures;
mod events;
#[cfg(test)]
mod export;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod from_broker;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lag;
#[cfg(test)]
mod links;
#[cfg(test)]
mod live;
#[cfg(test)]
mod made_sources;
#[cfg(test)]
mod monitor_calls;
#[cfg(test)]
mod monitors;
mod own_account;
#[cfg(test)]
mod people;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod searches;
#[cfg(test)]
mod set_up;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tail;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod views;
#[cfg(test)]
mod world;
