//! A small world: two environments, three sources, four channels, one event in each.

use crate::fakes::{
    Data, FakeAccounts, FakeAudit, FakeClock, FakeErasures, FakeLinks, FakeMonitors, FakeNews, FakePeople, FakePorts,
    FakeSearches,
};
use std::sync::Arc;
use weir_cases::{Cases, Ports};
use weir_domain::{
    ChannelId, EnvironmentId, EventId, GapId, PartitionId, PersonId, Position, SessionId, SourceId, Timestamp,
    access::{Caller, Credential, Grant, Role, SystemView},
    audit::{About, Entry, EntryId, Facts, Field, NewEntry, Object, Outcome, Who},
    capture::{GapReason, Header, HeaderType, SourceState, TimeKind},
    catalog::{CatalogEntry, EnvironmentShown},
    events::{Absence, RawEvent, StoredEvent, StoredRow, TimeMark},
    overview::{ChannelLine, Summary},
    sources::{
        CapturePolicy, ChannelShown, GapShown, MadeSource, PartitionShown, PasswordMechanism, Sealed, SecretField,
        SignInSettings, SourceDetail, SourceSettings, SourceShown, StartSetting,
    },
    verify::ChannelVerified,
};

pub const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
pub const LOGIN: &str = "mara";
pub const PASSWORD: &str = "a long sentence to enter";

pub const PRODUCTION: EnvironmentId = EnvironmentId(1);
pub const STAGING: EnvironmentId = EnvironmentId(2);
pub const SHOP: SourceId = SourceId(10);
pub const BANK: SourceId = SourceId(11);
pub const TRIAL: SourceId = SourceId(20);

/// (channel, name, source, its name, environment, its name)
pub const CHANNELS: [(i64, &str, SourceId, &str, EnvironmentId, &str); 4] = [
    (100, "orders.placed", SHOP, "shop-kafka", PRODUCTION, "production"),
    (101, "payments.failed", SHOP, "shop-kafka", PRODUCTION, "production"),
    (110, "orders.audited", BANK, "bank-kafka", PRODUCTION, "production"),
    (200, "orders.tried", TRIAL, "trial-kafka", STAGING, "staging"),
];

pub struct World {
    pub cases: Cases,
    pub accounts: Arc<FakeAccounts>,
    pub people: Arc<FakePeople>,
    pub ports: Arc<FakePorts>,
    pub clock: Arc<FakeClock>,
    pub news: Arc<FakeNews>,
    pub audit: Arc<FakeAudit>,
    pub searches: Arc<FakeSearches>,
    pub links: Arc<FakeLinks>,
    pub erasures: Arc<FakeErasures>,
    pub monitors: Arc<FakeMonitors>,
}

impl World {
    pub fn new() -> Self {
        let accounts = Arc::new(FakeAccounts::default());
        let people = Arc::new(FakePeople::new(Arc::clone(&accounts)));
        let ports = Arc::new(FakePorts::new(data()));
        let clock = Arc::new(FakeClock::new(NOW));
        let news = Arc::new(FakeNews::default());
        let audit = Arc::new(FakeAudit::default());
        let searches = Arc::new(FakeSearches::default());
        let links = Arc::new(FakeLinks::default());
        let erasures = Arc::new(FakeErasures::default());
        let monitors = Arc::new(FakeMonitors::default());
        *audit.old.lock().unwrap() = CHANNELS.map(|(channel, name, source, ..)| logged(channel, name, source)).to_vec();
        let cases = Cases::new(Ports {
            accounts: accounts.clone(),
            people: people.clone(),
            own: people.clone(),
            requests: people.clone(),
            catalog: ports.clone(),
            policies: ports.clone(),
            budgets: ports.clone(),
            changes: ports.clone(),
            events: ports.clone(),
            live: ports.clone(),
            sources: ports.clone(),
            made: ports.clone(),
            vault: ports.clone(),
            prober: ports.clone(),
            overview: ports.clone(),
            backfills: ports.clone(),
            contents: ports.clone(),
            verifying: ports.clone(),
            verify_now: ports.clone(),
            clock: clock.clone(),
            news: news.clone(),
            tokens: accounts.clone(),
            searches: searches.clone(),
            links: links.clone(),
            monitors: monitors.clone(),
            outlet_vault: monitors.clone(),
            sender: monitors.clone(),
            erasures: erasures.clone(),
            subjects: erasures.clone(),
            holds: erasures.clone(),
            lag: ports.clone(),
            lag_keeper: ports.clone(),
            group_acts: ports.clone(),
            audit: audit.clone(),
            read_only: false,
            system: SystemView::for_composition_root(),
        });
        Self { cases, accounts, people, ports, clock, news, audit, searches, links, erasures, monitors }
    }

    /// With one person, signed in: their session's token.
    pub async fn signed_in() -> (Self, String) {
        let world = Self::new();
        let setup = world.cases.access.new_setup_token().await.unwrap().unwrap();
        let session = world.cases.access.set_up(&setup, LOGIN, "Mara Lindqvist", PASSWORD, &"r".into()).await.unwrap();
        (world, session.token)
    }
}

pub fn caller(roles: &[Role], grants: &[Grant]) -> Caller {
    Caller {
        person: PersonId("0193-first".into()),
        session: Some(SessionId(0)),
        login: LOGIN.into(),
        name: "Mara Lindqvist".into(),
        roles: roles.to_vec(),
        grants: grants.to_vec(),
        by: Credential::Session,
        environment: None,
        origin: "test".into(),
    }
}

/// Every role and every grant.
pub fn anybody() -> Caller {
    caller(Role::ALL, &[Grant::everything()])
}

pub fn event_id(channel: i64, position: i64) -> EventId {
    EventId { partition: PartitionId(channel), position: Position(position) }
}

/// Carries a mark of its channel in each part, by which a leak is recognised.
pub fn event(channel: i64, source: SourceId, position: i64) -> StoredEvent {
    let payload = format!(r#"{{"reason":"payload-{channel}"}}"#).into_bytes();
    let key = Some(format!("key-{channel}").into_bytes());
    StoredEvent {
        row: StoredRow {
            id: event_id(channel, position),
            source,
            channel: ChannelId(channel),
            partition_number: 0,
            sort_time: NOW,
            time_mark: TimeMark::Own,
            captured_at: NOW,
            event_type: "order.placed".into(),
            key_hash: key.as_deref().map(crate::fakes::key_hash),
            key: key.clone(),
            size: 64,
            tombstone: false,
            possible_duplicate: false,
            absent: None,
            payload_head: Some(payload.clone()),
        },
        time_kind: TimeKind::Create,
        broker_ms: Some(NOW.millis()),
        ce_time: None,
        raw: Some(RawEvent {
            key,
            headers: vec![Header {
                name: b"trace".to_vec(),
                kind: HeaderType::Bytes,
                value: Some(format!("header-{channel}").into_bytes()),
            }],
            payload: Some(payload),
        }),
    }
}

/// The same event when its retention has passed; its bytes stand for what the broker still has.
pub fn expired(mut event: StoredEvent) -> StoredEvent {
    event.row.absent = Some(Absence::Expired);
    let raw = event.raw.as_ref().unwrap();
    let headers = raw.headers.iter().map(|h| h.name.len() + h.value.as_ref().map_or(0, Vec::len)).sum::<usize>();
    event.row.size = (raw.key.as_ref().map_or(0, Vec::len) + headers + raw.payload.as_ref().map_or(0, Vec::len)) as u64;
    event
}

/// Somebody opened the event of a channel: an entry of the same number.
fn logged(channel: i64, name: &str, source: SourceId) -> Entry {
    let who = Who::from(&caller(&[], &[]));
    let object = Object::event(event_id(channel, 1), Some((source, ChannelId(channel), name)));
    let changed = Facts::new().with(Field::Name, name);
    let about = About::object(object).change(Facts::new(), changed).count(1);
    NewEntry { at: NOW, who, use_case: "events/detail", outcome: Outcome::Allowed, reason: None, about }
        .numbered(EntryId(channel))
}

/// Compared, and all as it should be.
fn verified(channel: i64, name: &str, source: SourceId) -> ChannelVerified {
    ChannelVerified {
        channel: ChannelId(channel),
        name: name.into(),
        source,
        partitions: 1,
        verified: 1,
        until: Some(NOW),
        compared: 10,
        gone: 0,
        differences: 0,
        latest: Vec::new(),
    }
}

pub fn source(id: SourceId, name: &str, environment: EnvironmentId, environment_name: &str) -> SourceShown {
    SourceShown {
        id,
        name: name.into(),
        kind: "kafka".into(),
        environment,
        environment_name: environment_name.into(),
        production: environment == PRODUCTION,
        description: String::new(),
        state: SourceState::Up,
        since: Some(NOW),
        reason: None,
        retry_at: None,
        reported_at: Some(NOW),
        channels: 0,
        hidden_channels: 0,
        left_out_total: 2,
        partitions: 0,
        events_per_s: Some(10.0),
        broker_bytes_per_s: None,
        behind: Some(0),
        gaps: 0,
        throttled_ms: 0,
        spark: Vec::new(),
        orphan: false,
        may_pause: false,
        read_only: false,
        taps: 1,
        may_edit: false,
        capture: "full".into(),
        act: "none".into(),
        bytes_to_read: None,
    }
}

pub fn gap(channel: i64, name: &str, found_at: Timestamp) -> GapShown {
    GapShown {
        id: GapId(channel),
        channel: ChannelId(channel),
        channel_name: name.into(),
        partition_number: 0,
        from: Position(5),
        to: Some(Position(9)),
        reason: GapReason::RetentionTrimmed,
        detail: String::new(),
        found_at,
    }
}

pub fn partition(channel: i64) -> PartitionShown {
    PartitionShown {
        id: PartitionId(channel),
        number: 0,
        next: Some(Position(9)),
        start: Some(Position(0)),
        end: Some(Position(9)),
        behind: Some(0),
        held: None,
        error: None,
        updated_at: Some(NOW),
        closed: None,
    }
}

fn data() -> Data {
    let environments = [(PRODUCTION, "production"), (STAGING, "staging")];
    let mut sources: Vec<SourceDetail> = Vec::new();
    for (channel, name, id, source_name, environment, environment_name) in CHANNELS {
        if sources.iter().all(|s| s.source.id != id) {
            sources.push(SourceDetail {
                source: source(id, source_name, environment, environment_name),
                channels: Vec::new(),
                gaps: Vec::new(),
                left_out: vec!["orders.unread".into(), "hidden.unread".into()],
                more_partitions: 0,
            });
        }
        let shown = sources.iter_mut().find(|s| s.source.id == id).unwrap();
        shown.gaps.push(gap(channel, name, NOW));
        shown.channels.push(ChannelShown {
            id: ChannelId(channel),
            name: name.into(),
            events_per_s: None,
            events_24h: 1,
            last_event: Some(NOW),
            behind: Some(0),
            partitions: vec![partition(channel)],
            spark: Vec::new(),
        });
    }
    Data {
        environments: environments
            .map(|(id, name)| EnvironmentShown { id, name: name.into(), production: id == PRODUCTION, colour: None })
            .to_vec(),
        entries: CHANNELS
            .map(|(channel, name, source, source_name, environment, environment_name)| CatalogEntry {
                channel: ChannelId(channel),
                channel_name: name.into(),
                source,
                source_name: source_name.into(),
                source_kind: "kafka".into(),
                environment,
                environment_name: environment_name.into(),
            })
            .to_vec(),
        sources,
        events: CHANNELS.map(|(channel, _, source, ..)| event(channel, source, 1)).to_vec(),
        event_types: vec!["order.placed".into()],
        summary: summary(),
        // Every source was made in the browser, as far as that is asked.
        made: [(SHOP, "shop-kafka", PRODUCTION), (BANK, "bank-kafka", PRODUCTION), (TRIAL, "trial-kafka", STAGING)]
            .map(|(id, name, environment)| made(id, name, environment))
            .to_vec(),
        live: None,
        unjudged: 0,
        busy: false,
        verified: CHANNELS.map(|(channel, name, source, ..)| verified(channel, name, source)).to_vec(),
        trials: Vec::new(),
        key: Some("k1".into()),
    }
}

pub fn settings() -> SourceSettings {
    SourceSettings {
        format: SourceSettings::FORMAT,
        kind: "kafka".into(),
        addresses: vec!["kafka:9092".into()],
        tls: None,
        sign_in: SignInSettings::Password { mechanism: PasswordMechanism::Plain, username: "weir".into() },
        rack: None,
        policy: CapturePolicy {
            capture: "full".into(),
            act: "none".into(),
            read_only: false,
            channels: vec!["*".into()],
            include_internal: false,
            start: StartSetting::Latest,
            catch_up_bytes_per_s: None,
            type_header: None,
            type_field: None,
        },
    }
}

fn made(id: SourceId, name: &str, environment: EnvironmentId) -> MadeSource {
    let bytes = format!("{id}/password/hunter2").into_bytes();
    MadeSource {
        id,
        name: name.into(),
        environment,
        environment_name: if environment == PRODUCTION { "production" } else { "staging" }.into(),
        version: 1,
        settings: settings(),
        secrets: vec![(SecretField::Password, Sealed { key_id: "k1".into(), bytes })],
    }
}

fn summary() -> Summary {
    Summary {
        at: NOW,
        events_per_s: Some(1.0),
        throughput: vec![0; 60],
        events_24h: 4,
        tap_delay_ms: None,
        gaps_24h: 4,
        behind: Some(0),
        stored_bytes: 0,
        raw_bytes: 0,
        sources: Vec::new(),
        channels: CHANNELS
            .map(|(channel, name, _, source_name, ..)| ChannelLine {
                id: ChannelId(channel),
                name: name.into(),
                source_name: source_name.into(),
                source_kind: "kafka".into(),
                events_per_s_x100: None,
                spark: Vec::new(),
                behind: Some(0),
                last_event: Some(NOW),
            })
            .to_vec(),
        changes: Vec::new(),
        changes_total: 0,
        more_changes: false,
        recent_gaps: CHANNELS.map(|(channel, name, ..)| gap(channel, name, NOW)).to_vec(),
        attention: Vec::new(),
        hidden_channels: 0,
    }
}
