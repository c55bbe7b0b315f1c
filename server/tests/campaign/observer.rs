use std::collections::BTreeMap;

use weir::clock::SystemClock;
use weir_domain::{
    Clock,
    access::{Caller, Credential, Grant, Role, SystemView, View, VisibleChannels, authorise},
    capture::SourceState,
    catalog::Catalog,
    events::{EventFilter, EventRows},
    search::Query,
    sources::{SourceDetail, Sources},
};
use weir_store::{Store, StoreOptions};

use super::Sent;

/// Reads what is stored through the store's own ports, in the name of somebody who may see everything.
pub struct Observer {
    store: Store,
}

impl Observer {
    pub async fn new(url: &str) -> Self {
        Self { store: Store::connect(url, StoreOptions::default()).await.unwrap() }
    }

    async fn view(&self, case: &str) -> Option<View> {
        // The schema may not be there yet.
        let entries = self.store.entries(&SystemView::for_composition_root()).await.ok()?;
        let caller = Caller {
            person: weir_domain::PersonId("campaign".into()),
            session: None,
            login: "campaign".into(),
            name: "Campaign".into(),
            roles: Role::ALL.to_vec(),
            grants: vec![Grant::everything()],
            by: Credential::Session,
            environment: None,
            origin: "campaign".into(),
        };
        let channels = entries.iter().map(|e| (e.channel, e.environment, e.source, e.channel_name.as_str()));
        let channels = VisibleChannels::from_catalog(&caller, channels);
        Some(authorise(&caller, case, channels).unwrap())
    }

    pub async fn source(&self) -> Option<SourceDetail> {
        let view = self.view("sources/list").await?;
        let now = SystemClock.now();
        let id = Sources::list(&self.store, &view, now).await.ok()?.first()?.id;
        Sources::detail(&self.store, &view, id, now).await.ok()?
    }

    pub async fn state(&self) -> Option<SourceState> {
        Some(self.source().await?.source.state)
    }

    /// Positions passed, over all partitions; 0 while nothing is known.
    pub async fn passed(&self) -> i64 {
        let Some(detail) = self.source().await else { return 0 };
        let partitions = detail.channels.iter().flat_map(|c| &c.partitions);
        partitions.filter_map(|p| Some(p.next?.0)).sum()
    }

    /// Every stored event, by number, with its copies.
    pub async fn stored(&self) -> BTreeMap<u64, Vec<Sent>> {
        let view = self.view("events/list").await.unwrap();
        let (mut stored, mut before) = (BTreeMap::<u64, Vec<Sent>>::new(), None);
        loop {
            let (rows, scanned, next) =
                EventRows::list(&self.store, &view, &EventFilter::default(), &Query::default(), before, 500)
                    .await
                    .unwrap();
            for row in rows {
                let head = String::from_utf8(row.payload_head.expect("its block")).unwrap();
                let digits = head.strip_prefix(r#"{"number":"#).and_then(|h| h.split(',').next());
                let number: u64 = digits.unwrap_or_else(|| panic!("not ours: {head}")).parse().unwrap();
                assert_eq!(row.key.as_deref(), Some(format!("n-{number}").as_bytes()));
                let sent = Sent { number, partition: row.partition_number, offset: row.id.position.0 };
                stored.entry(number).or_default().push(sent);
            }
            before = next;
            if before.is_none() {
                assert!(scanned.complete);
                return stored;
            }
        }
    }

    /// Every acknowledged event is stored exactly once, where the broker put it, and nothing else is.
    pub async fn compare(&self, log: &[Sent]) {
        let stored = self.stored().await;
        let mut wrong = Vec::new();
        for sent in log {
            match stored.get(&sent.number).map(Vec::as_slice) {
                Some([copy]) if copy == sent => {}
                other => wrong.push(format!("{sent:?} is stored as {other:?}")),
            }
        }
        wrong.truncate(20);
        assert!(wrong.is_empty(), "{wrong:#?}");
        let known = |n: &u64| log.binary_search_by_key(n, |s| s.number).is_ok();
        assert_eq!(stored.keys().find(|n| !known(n)), None, "stored, and never acknowledged");
        assert_eq!(stored.len(), log.len());
    }
}
