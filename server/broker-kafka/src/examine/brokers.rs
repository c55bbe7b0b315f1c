//! The classic: bootstrap works, and the addresses that the cluster then tells its clients do not.

use super::{Ended, Test, Well, Wrong, some};
use futures::StreamExt as _;
use krafka::__private::kafka_metadata;

/// Brokers tried at most, and at once.
const MOST: usize = 50;
const AT_ONCE: usize = 10;

impl Test<'_> {
    pub(super) async fn answers(&self) -> Ended {
        let kafka = self.connection.control().await.map_err(|e| Wrong::of(&e))?;
        let mut brokers = kafka_metadata(kafka).brokers();
        brokers.sort_unstable_by_key(|b| b.id());
        let all = brokers.len();
        brokers.truncate(MOST);
        let tried = futures::stream::iter(brokers).map(|broker| async move {
            let (id, address) = (broker.id(), broker.address().to_owned());
            let wrong = if address == self.at { None } else { self.secured(&address).await.err() };
            (id, address, wrong)
        });
        let tried: Vec<_> = tried.buffer_unordered(AT_ONCE).collect().await;
        let mut failed: Vec<_> = tried.iter().filter_map(|(id, at, wrong)| Some((id, at, wrong.as_ref()?))).collect();
        failed.sort_unstable_by_key(|(id, ..)| **id);
        match failed.first() {
            None if all == 0 => Err(Wrong::new("The cluster names no broker.", "Look at the brokers' own logs.")),
            None => {
                let names: Vec<_> = tried.iter().map(|(_, at, _)| at.clone()).collect();
                Ok(Well::Passed(format!("{all} of {all}: {}", some(&names))))
            }
            Some((id, address, wrong)) => Err(Wrong::new(
                format!(
                    "{} answers, and tells clients to connect to broker {id} at {address}. From here that fails: {} ({} of {all} brokers can't be reached.)",
                    self.at,
                    wrong.what,
                    failed.len()
                ),
                "Every broker has to be reached, not only the first address: correct its advertised.listeners, or make that name and port known to this server.",
            )),
        }
    }
}
