use super::{EventsCases, Wanted, filter, row};
use weir_domain::{
    CaseError,
    access::Caller,
    events::{KeyFound, KeyLine, KeyList, KeysFound, KeysScanned, StoredKeys},
};

pub const NAME: &str = "events/keys";

impl EventsCases {
    /// What is known of each key of a list: whether there are events with it, how many, and the newest. `wanted` narrows
    /// where they are looked for; its own key and query are of no matter.
    pub async fn keys(&self, caller: &Caller, list: &KeyList, wanted: Wanted) -> Result<KeysFound, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let filter = Wanted { key: None, query: None, ..wanted }.resolved(&sight)?;
        filter::checked(&sight, &filter).await?;
        let keys = list.bytes();
        let StoredKeys { keys: standings, scanned } = self.0.rows.keys(&sight.view, &filter, &keys).await?;
        let silent_sources = self.silent_sources(caller, &sight, &filter).await?;
        let found = standings.into_iter().map(|standing| {
            let standing = standing?;
            // Its channel may have been hidden meanwhile.
            let newest = row::shown(&standing.newest, &sight, row::KEY_IN_LIST)?;
            Some(KeyFound { events: standing.events, newest, by_hash: standing.by_hash })
        });
        let lines: Vec<_> =
            list.keys().iter().zip(found).map(|(key, found)| KeyLine { key: key.clone(), found }).collect();
        // Those that were not found as well: that a key is not there is an answer too. A list is bounded, and with it the
        // entry.
        let about = filter::about_keys(&sight, &filter, &keys);
        sight.trail.saw(about.count(lines.iter().filter(|line| line.found.is_some()).count() as u64)).await?;
        let now = self.0.clock.now();
        Ok(KeysFound {
            keys: lines,
            doubles: list.doubles() as u64,
            scanned: KeysScanned {
                captured_since: scanned.captured_since.filter(|since| *since < now),
                silent_sources,
                ..scanned
            },
            hidden_channels: sight.view.channels().hidden(),
        })
    }
}
