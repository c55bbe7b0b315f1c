use crate::common::{NOW_MS, World, append, batch, event, now, opened, psql, system, view, world};
use weir_domain::{
    GroupId, PersonId, Position, Timestamp,
    access::View,
    capture::{AppendOutcome, Begin, EventLog as _, Gap, GapReason, Incarnation, NewIncarnation},
    lag::{
        Activity, ChannelSeen, Chunk, EventAt, EventTime, Expectation, Figures, Forecast, GroupKind, GroupSaid,
        GroupSeen, GroupState, Happening, HappeningKind, Lag as _, LagFigures as _, LagKeeper as _, LagLog as _,
        Member, MoveDone, NotReported, Observation, PairId, PairSeen, PartitionStanding, Place, ReportedGroup,
        ReportedPosition, ResetDone, Standing, Status, Thinning, Tick, TimeLag, Trend, Verdict,
    },
};

const ANN: &str = "0193e7a2-4c1b-7d52-a0f3-000000000001";

fn verdict(status: Status) -> Verdict {
    Verdict { status, rule: "r".into(), reason: "because".into() }
}

fn group_seen(id: GroupId, at: Timestamp) -> GroupSeen {
    let member = Member {
        id: "m-1".into(),
        client_id: "app-1".into(),
        host: "10.0.0.7".into(),
        instance: None,
        holds: vec![("order.placed".into(), vec![0])],
    };
    let mut activity = Activity::default();
    activity.note(at.millis() / 3_600_000, true);
    GroupSeen {
        id,
        kind: GroupKind::Consumer,
        state: GroupState::Stable,
        assignor: Some("uniform".into()),
        coordinator: Some("broker 1".into()),
        members: Some(vec![member.clone()]),
        last_members: vec![(member, at)],
        problem: None,
        first_seen: at,
        last_seen: at,
        gone_at: None,
        empty_since: None,
        last_progress: Some(at),
        activity,
        learnt: Expectation::Continuous,
    }
}

fn pair_seen(w: &World, id: PairId, group: GroupId, channel: &str, at: Timestamp) -> PairSeen {
    let partition = PartitionStanding {
        partition: 0,
        start: Some(0),
        end: Some(100),
        stable_end: Some(99),
        next: Some(40),
        lag: Some(60),
        committed_lag: Some(59),
        time_lag: TimeLag::Exact { ms: 5_000, from_arrival: false },
        verdict: verdict(Status::Warn),
        burrow: verdict(Status::Ok),
        in_per_s: Some(1.5),
        out_per_s: None,
        held_by: Some(("app-1".into(), "10.0.0.7".into())),
        last_moved: Some(at),
        lost_at: None,
        problem: None,
    };
    let standing = Standing {
        group,
        name: "billing".into(),
        kind: GroupKind::Consumer,
        state: GroupState::Stable,
        environment: weir_domain::EnvironmentId(1),
        source: w.source,
        source_name: "shop".into(),
        channel: channel.into(),
        verdict: verdict(Status::Warn),
        since: at,
        partitions: 1,
        unknown_partitions: 0,
        active_members: 1,
        members: 1,
        lag: Some(60),
        committed_lag: Some(59),
        time_lag: TimeLag::Exact { ms: 5_000, from_arrival: false },
        in_per_s: Some(1.5),
        out_per_s: None,
        growing: true,
        forecast: Forecast::NeverDrains { per_min: 90.0 },
        loss: None,
        positions_expire: None,
        alarms: false,
        owner: None,
        observed_at: at,
    };
    PairSeen { id, standing, partitions: vec![partition], spark: vec![None, Some(3)], learnt: None }
}

fn observation(w: &World, at: Timestamp) -> Observation {
    Observation {
        source: w.source,
        at,
        took_ms: 12,
        requests: 7,
        problems: Vec::new(),
        groups: Vec::new(),
        pairs: Vec::new(),
        channels: Vec::new(),
        chunks: Vec::new(),
        rolled: Vec::new(),
        happened: Vec::new(),
        left: Vec::new(),
        unread_channels: Vec::new(),
    }
}

async fn group(w: &World, name: &str) -> (GroupId, PairId) {
    let ids = w.store.intern_groups(w.source, &[(name.into(), GroupKind::Consumer)], now()).await.unwrap();
    let pairs = w.store.intern_pairs(&[(ids[0], "order.placed".into())]).await.unwrap();
    (ids[0], pairs[0])
}

async fn past(w: &World, see: &View, id: GroupId, range: (Timestamp, Timestamp)) -> Vec<Chunk> {
    let mut all = Vec::new();
    w.store.lag_history(see, id, "order.placed", range, &mut |chunk| all.push(chunk)).await.unwrap();
    all
}

fn ticks(from: Timestamp, every_s: i64, n: i64, partitions: i64) -> Chunk {
    let tick = |t: i64| Tick {
        at: from.plus_secs(t * every_s),
        time_lag_ms: Some(1_000),
        places: (0..partitions)
            .map(|p| Place::between(Some(1_000_000 + p * 17 + t * 310), Some(1_000_040 + p * 17 + t * (311 + p % 3))))
            .collect(),
    };
    Chunk { partitions: (0..partitions as i32).collect(), ticks: (0..n).map(tick).collect() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_observed_is_what_is_shown_and_gone_on_with() {
    let w = world().await;
    let (id, pair) = group(&w, "billing").await;
    assert_eq!(group(&w, "billing").await, (id, pair), "known by the same number");
    let see = view(&w.store).await;
    assert_eq!(w.store.lag_sources(&see).await.unwrap()[0].observed_at, None);
    let (seen, standing) = (group_seen(id, now()), pair_seen(&w, pair, id, "order.placed", now()));
    let told = Happening {
        at: now(),
        kind: HappeningKind::Rebalanced,
        channel: Some("order.placed".into()),
        partition: Some(3),
        text: "rebalanced".into(),
    };
    let channel = ChannelSeen {
        name: "order.placed".into(),
        partitions: 1,
        in_per_s: Some(1.5),
        events: Some(100),
        bytes: None,
        keeps: None,
        problem: None,
        ends: vec![(0, vec![(NOW_MS, 100)])],
    };
    let chunk = ticks(now(), 10, 12, 1);
    let written = Observation {
        problems: vec!["broker 3 is away".into()],
        groups: vec![seen.clone()],
        pairs: vec![standing.clone()],
        channels: vec![channel.clone()],
        chunks: vec![(pair, chunk.clone())],
        happened: vec![(id, told.clone())],
        ..observation(&w, now())
    };
    w.store.observed(&written).await.unwrap();

    let listed = w.store.listed(&see, false, now()).await.unwrap();
    assert_eq!((listed.len(), listed[0].spark.clone()), (1, vec![None, Some(3)]));
    assert_eq!(listed[0].standing, Standing { alarms: true, ..standing.standing.clone() }, "a continuous group alarms");
    let (shown, on) = w.store.lag_group(&see, id, now()).await.unwrap().unwrap();
    assert_eq!(
        (shown.name.as_str(), shown.members, shown.source_name.as_str()),
        ("billing", seen.members.clone(), "shop")
    );
    assert_eq!((on.len(), on[0].channel_id, &on[0].partitions), (1, Some(w.channel), &standing.partitions));
    let range = (now(), now().plus_secs(3_600));
    assert_eq!(past(&w, &see, id, range).await, vec![chunk.clone()]);
    assert_eq!(w.store.lag_happened(&see, id, range).await.unwrap(), vec![told]);
    let source = w.store.lag_sources(&see).await.unwrap().remove(0);
    assert_eq!((source.observed_at, source.requests, source.problems.len()), (Some(now()), 7, 1));
    w.store.not_observed(w.source, "127.0.0.1:9092 is away", now()).await.unwrap();
    let source = w.store.lag_sources(&see).await.unwrap().remove(0);
    assert_eq!((source.observed_at, source.failed.as_deref()), (Some(now()), Some("127.0.0.1:9092 is away")));

    let kept = w.store.kept(&system(), w.source, now()).await.unwrap();
    assert_eq!(kept.groups, vec![("billing".to_owned(), seen.clone())]);
    assert_eq!(kept.channels, vec![channel]);
    assert_eq!(kept.pairs[0].seen.as_ref(), Some(&standing));
    assert_eq!(w.store.recent(&system(), &[pair], now()).await.unwrap(), vec![(pair, chunk)]);
    // What another version wrote is left out, and keeps nobody else from being told.
    let (other, other_pair) = group(&w, "other").await;
    let written =
        Observation { pairs: vec![pair_seen(&w, other_pair, other, "order.placed", now())], ..observation(&w, now()) };
    w.store.observed(&written).await.unwrap();
    psql(
        &w.url,
        "update group_channel set standing = '{\"of\":\"tomorrow\"}' where id = (select max(id) from group_channel)",
    )
    .await;
    let told = w.store.listed(&see, false, now()).await.unwrap();
    assert_eq!(told.iter().map(|l| l.standing.group).collect::<Vec<_>>(), [id]);
    assert_eq!(
        w.store.kept(&system(), w.source, now()).await.unwrap().pairs.iter().filter(|p| p.seen.is_some()).count(),
        1
    );
    // A channel that it does not read any more is not told of.
    let left =
        Observation { left: vec![other_pair], unread_channels: vec!["order.placed".into()], ..observation(&w, now()) };
    w.store.observed(&left).await.unwrap();
    let kept = w.store.kept(&system(), w.source, now()).await.unwrap();
    assert_eq!((kept.pairs.len(), kept.channels.len()), (1, 0));
    // Members that were not asked for stay as they were.
    let again = GroupSeen { members: None, state: GroupState::Rebalancing, ..seen };
    w.store.observed(&Observation { groups: vec![again], ..observation(&w, now()) }).await.unwrap();
    let (shown, _) = w.store.lag_group(&see, id, now()).await.unwrap().unwrap();
    assert_eq!((shown.state, shown.members.map(|m| m.len())), (GroupState::Rebalancing, Some(1)));

    // Nobody observes those of a source that stands still: they raise no alarm. Those of a removed one are no news at all.
    psql(&w.url, "update source set paused = true").await;
    assert!(!w.store.listed(&see, false, now()).await.unwrap()[0].standing.alarms);
    psql(&w.url, "update source set orphan = true").await;
    assert_eq!(w.store.listed(&see, false, now()).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_whole_for_hours_and_in_points_for_months() {
    let w = world().await;
    let (id, pair) = group(&w, "billing").await;
    let see = view(&w.store).await;
    let hour = |h: i64| now().plus_secs(h * 3_600);
    let raw: Vec<_> = (0..30).map(|i| (pair, ticks(hour(-1).plus_secs(i * 120), 10, 12, 2))).collect();
    let rolled: Vec<_> = (-48..0).map(|h| (pair, ticks(hour(h), 300, 12, 2))).collect();
    w.store.observed(&Observation { chunks: raw, rolled, ..observation(&w, now()) }).await.unwrap();
    let history = async |from, to| {
        let chunks = past(&w, &see, id, (from, to)).await;
        chunks.into_iter().flat_map(|c| c.ticks).map(|t| t.at).collect::<Vec<_>>()
    };
    let all = history(hour(-48), now()).await;
    assert!(all.windows(2).all(|t| t[0] < t[1]), "in order, each once");
    assert_eq!(all.len(), 47 * 12 + 30 * 12);
    assert_eq!(history(hour(-3), hour(-2)).await.len(), 13);
    // An hour that was begun is written again, longer; never shorter.
    let longer = ticks(hour(-2), 301, 12, 2);
    for chunk in [ticks(hour(-2), 300, 2, 2), longer, ticks(hour(-2), 300, 1, 2)] {
        w.store.observed(&Observation { rolled: vec![(pair, chunk)], ..observation(&w, now()) }).await.unwrap();
    }
    assert_eq!(history(hour(-2), hour(-1).plus_secs(-1)).await.len(), 12);

    // Six hours later the whole observations are gone, the points are not; after 90 days nothing is left.
    assert!(w.store.tidy_lag(hour(7)).await.unwrap() >= 30);
    assert_eq!(history(hour(-48), now()).await.len(), 48 * 12);
    w.store.tidy_lag(hour(24 * 91)).await.unwrap();
    assert_eq!(history(hour(-48), now()).await, []);
}

/// Three weeks of 500 partitions: 3 million positions.
#[tokio::test(flavor = "multi_thread")]
async fn the_past_of_a_wide_channel_is_never_held_whole() {
    let w = world().await;
    let (id, pair) = group(&w, "billing").await;
    let see = view(&w.store).await;
    let hour = |h: i64| now().plus_secs(h * 3_600);
    let written: Vec<Chunk> = (-504..0).map(|h| ticks(hour(h), 300, 12, 500)).collect();
    for day in written.chunks(24) {
        let rolled = day.iter().map(|c| (pair, c.clone())).collect();
        w.store.observed(&Observation { rolled, ..observation(&w, now()) }).await.unwrap();
    }
    let (from, to) = (hour(-504), now());
    let (mut chunks, mut trend, mut thinning) = (0, Trend::new(from, to), Thinning::new(500, 200_000));
    let mut take = |chunk: Chunk| {
        assert!(chunk.ticks.len() * chunk.partitions.len() <= 6_000, "an hour at a time");
        assert_eq!(chunk, written[chunks], "as it was written");
        chunks += 1;
        trend.add(&chunk);
        thinning.count(chunk);
    };
    w.store.lag_history(&see, id, "order.placed", (from, to), &mut take).await.unwrap();
    assert_eq!((chunks, trend.points.len(), trend.partitions.len()), (504, 6_048, 500));
    let mut plain = Trend::new(from, to);
    written.iter().for_each(|c| plain.add(c));
    assert!(trend == plain, "as if all of it had been there at once");
    let mut picking = thinning.counted().unwrap_err();
    w.store.lag_history(&see, id, "order.placed", (from, to), &mut |c| picking.pick(c)).await.unwrap();
    let some = picking.picked();
    let told: Vec<_> = some.chunks.iter().flat_map(|c| &c.ticks).cloned().collect();
    let all: Vec<_> = written.iter().flat_map(|c| &c.ticks).collect();
    let step = all.len().div_ceil(400);
    let want: Vec<_> = all.iter().rev().step_by(step).rev().map(|t| (*t).clone()).collect();
    assert!(told == want, "{} of {}", told.len(), want.len());
    assert_eq!(some.left_out as usize, all.len() - want.len());
}

/// Goal: under 20 bytes on disk, indexes and all.
#[tokio::test(flavor = "multi_thread")]
async fn an_observation_takes_few_bytes_on_disk() {
    let w = world().await;
    for (partitions, most) in [(1, 20.0), (10, 8.0)] {
        // Not deleted: others who write in this server may keep dead rows.
        psql(&w.url, "truncate consumer_group, lag_observed cascade").await;
        let groups: Vec<_> = (0..200).map(|g| (format!("g{g}"), GroupKind::Classic)).collect();
        let ids = w.store.intern_groups(w.source, &groups, now()).await.unwrap();
        let pairs: Vec<_> = ids.iter().map(|id| (*id, "order.placed".to_owned())).collect();
        let pairs = w.store.intern_pairs(&pairs).await.unwrap();
        for round in 0..20 {
            let chunk = ticks(now().plus_secs(round * 180), 10, 18, partitions);
            let chunks = pairs.iter().map(|p| (*p, chunk.clone())).collect();
            w.store.observed(&Observation { chunks, ..observation(&w, now()) }).await.unwrap();
        }
        let bytes: f64 = psql(&w.url, "select pg_total_relation_size('lag_observed')").await.parse().unwrap();
        let each = bytes / (200.0 * 20.0 * 18.0 * partitions as f64);
        println!("{partitions} partitions: {each:.1} bytes an observation");
        assert!(each < most, "{each} bytes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_an_unread_event_is_that_of_the_stored_one() {
    let w = world().await;
    let at = |position| EventAt { channel: "order.placed".into(), partition: 0, position };
    let asked = async |positions: &[i64]| {
        let wanted: Vec<_> = positions.iter().map(|p| at(*p)).collect();
        w.store.event_times(&system(), w.source, &wanted).await.unwrap()
    };
    assert_eq!(asked(&[0]).await, [EventTime::NotCaptured], "not begun");
    let events = |range: std::ops::Range<i64>| range.map(|p| event(p, "k", "{}")).collect::<Vec<_>>();
    append(&w.store, w.partition, None, events(10..20)).await;
    // A hole (a transaction's end), a back-fill, and a gap.
    let mut late = events(25..30);
    late[2].broker_ms = Some(NOW_MS - 3_600_000);
    append(&w.store, w.partition, Some(20), late).await;
    let gap = Gap {
        from: Position(30),
        to: Some(Position(40)),
        reason: GapReason::RetentionTrimmed,
        detail: "deleted".into(),
    };
    let lost =
        weir_domain::capture::CaptureBatch { gaps: vec![gap.clone()], ..batch(w.partition, Some(30), events(40..45)) };
    assert!(matches!(w.store.append(&lost).await.unwrap(), AppendOutcome::Stored { .. }));

    let known = |position: i64, before: Option<i64>| EventTime::Known {
        at: Timestamp::from_millis(NOW_MS + position),
        captured_at: now(),
        latest_before: before.map(|p| Timestamp::from_millis(NOW_MS + p)),
    };
    let found = asked(&[10, 15, 20, 26, 28, 44, 45, 99]).await;
    assert_eq!(found[..4], [known(10, None), known(15, Some(14)), known(25, Some(19)), known(26, Some(25))]);
    assert_eq!(found[4], known(28, Some(26)), "what was sent late is not the latest before");
    assert_eq!(found[5..], [known(44, Some(43)), EventTime::TapBehind, EventTime::TapBehind]);
    let EventTime::Known { at: sent, latest_before, .. } = asked(&[27]).await[0] else { panic!("not known") };
    assert_eq!((sent.millis(), latest_before.map(Timestamp::millis)), (NOW_MS - 3_600_000, Some(NOW_MS + 26)));
    // Before capture, in a gap, elsewhere.
    assert_eq!(asked(&[3, 30, 35]).await, [EventTime::NotStored; 3]);
    let elsewhere = [EventAt { channel: "x".into(), ..at(1) }, EventAt { partition: 7, ..at(1) }];
    let found = w.store.event_times(&system(), w.source, &elsewhere).await.unwrap();
    assert_eq!(found, [EventTime::NotCaptured; 2]);

    // Made again: the old incarnation's times tell nothing.
    let new = NewIncarnation {
        fence: w.fence,
        channel: w.channel,
        number: 0,
        incarnation: Incarnation(vec![2]),
        begin: Begin::LogStart,
        replaces: Some((w.partition, Gap { reason: GapReason::Recreated, ..gap })),
    };
    opened(&w.store, &new).await;
    assert_eq!(asked(&[15]).await, [EventTime::NotCaptured]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_say_and_do_is_kept() {
    let w = world().await;
    psql(
        &w.url,
        &format!(
            "insert into person (id, login, name, password_hash, joined_at) values ('{ANN}', 'ann', 'Ann', 'x', now())"
        ),
    )
    .await;
    let (id, pair) = group(&w, "billing").await;
    let see = view(&w.store).await;
    let written = Observation {
        groups: vec![group_seen(id, now())],
        pairs: vec![pair_seen(&w, pair, id, "order.placed", now())],
        ..observation(&w, now())
    };
    w.store.observed(&written).await.unwrap();
    let said = GroupSaid {
        expectation: Some(Expectation::Ephemeral),
        owner: Some("Payments".into()),
        note: Some("nightly".into()),
    };
    assert!(w.store.say(&see, id, &said).await.unwrap());
    assert!(!w.store.say(&see, GroupId(i64::MAX), &said).await.unwrap());
    let listed = w.store.listed(&see, false, now()).await.unwrap().remove(0);
    assert!(listed.ephemeral && !listed.standing.alarms && listed.standing.owner.as_deref() == Some("Payments"));
    assert!(w.store.archive(&see, id, Some((&PersonId(ANN.into()), "Ann", now()))).await.unwrap());
    let (shown, _) = w.store.lag_group(&see, id, now()).await.unwrap().unwrap();
    assert_eq!((shown.archived.unwrap().by.as_str(), shown.expectation_set), ("Ann", true));
    w.store.archive(&see, id, None).await.unwrap();

    let reset = |n: u8, undoes: Option<String>| ResetDone {
        id: format!("0193e7a2-4c1b-7d52-a0f3-0000000000{n:02}"),
        group: id,
        channel: "order.placed".into(),
        at: now().plus_secs(n.into()),
        by: Some("Ann".into()),
        moves: vec![MoveDone { partition: 0, from: Some(40), to: 0, problem: None }],
        undoes,
        undone_by: None,
    };
    let first = reset(1, None);
    w.store.begin_reset(&see, &first, &PersonId(ANN.into())).await.unwrap().unwrap();
    let told = w.store.resets(&see, id).await.unwrap();
    assert!(told[0].moves[0].problem.is_some(), "not known until the broker has answered");
    w.store.end_reset(&see, &first.id, &first.moves, true).await.unwrap();
    let undo = reset(2, Some(first.id.clone()));
    w.store.begin_reset(&see, &undo, &PersonId(ANN.into())).await.unwrap().unwrap();
    assert_eq!(w.store.resets(&see, id).await.unwrap()[1].undone_by, None);
    w.store.end_reset(&see, &undo.id, &undo.moves, true).await.unwrap();
    let told = w.store.resets(&see, id).await.unwrap();
    assert_eq!(told[0], undo);
    assert_eq!(told[1], ResetDone { undone_by: Some(undo.id), ..first });
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_replace_each_other_and_are_forgotten() {
    let w = world().await;
    let see = view(&w.store).await;
    let report = |name: &str, at: Timestamp, next| ReportedGroup {
        name: name.into(),
        application: "totals".into(),
        host: "10.0.0.9".into(),
        at,
        positions: vec![ReportedPosition { channel: "order.placed".into(), partition: 0, next }],
    };
    let (store, source, at) = (&w.store, w.source, now());
    store.intern_groups(source, &[("billing".into(), GroupKind::Classic)], at).await.unwrap();
    assert_eq!(store.report(&see, source, &report("billing", at, 1)).await.unwrap(), Err(NotReported::Taken));
    for (at, next) in [(at, 7), (at.plus_secs(10), 9), (at.plus_secs(5), 8)] {
        assert_eq!(store.report(&see, source, &report("spark", at, next)).await.unwrap(), Ok(()));
    }
    store.report(&see, source, &report("old", at.plus_secs(-8 * 86_400), 1)).await.unwrap().unwrap();
    let kept = store.reported(&system(), source).await.unwrap();
    assert_eq!(kept, [report("old", at.plus_secs(-8 * 86_400), 1), report("spark", at.plus_secs(10), 9)]);
    assert_eq!(store.tidy_lag(at).await.unwrap(), 1);
    assert_eq!(store.reported(&system(), source).await.unwrap().len(), 1);
    // A name that the broker forgot, or that was reported before, is free.
    store.intern_groups(source, &[("spark".into(), GroupKind::Reported)], at).await.unwrap();
    assert_eq!(store.report(&see, source, &report("spark", at.plus_secs(20), 10)).await.unwrap(), Ok(()));
    psql(&w.url, "update consumer_group set gone_at = now() where name = 'billing'").await;
    assert_eq!(store.report(&see, source, &report("billing", at, 1)).await.unwrap(), Ok(()));
    psql(
        &w.url,
        "insert into lag_reported select source_id, 'g' || n, 'a', 'h', now(), '[]' from lag_reported, generate_series(1, 998) n
         where name = 'spark'",
    )
    .await;
    assert_eq!(store.report(&see, source, &report("one-more", at, 1)).await.unwrap(), Err(NotReported::Full));
    assert_eq!(store.report(&see, source, &report("spark", at.plus_secs(30), 11)).await.unwrap(), Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_of_the_longest_known_groups_and_leave_out_what_is_put_aside() {
    let w = world().await;
    let see = view(&w.store).await;
    let at = now();
    let names = ["a", "b", "c", "d", "e"];
    let groups: Vec<_> = names.iter().map(|n| ((*n).to_owned(), GroupKind::Consumer)).collect();
    let ids = w.store.intern_groups(w.source, &groups, at).await.unwrap();
    let pairs: Vec<_> = ids.iter().map(|id| (*id, "order.placed".to_owned())).collect();
    let pair_ids = w.store.intern_pairs(&pairs).await.unwrap();
    let mut seen = Observation {
        groups: ids.iter().map(|id| group_seen(*id, at)).collect(),
        pairs: pair_ids.iter().zip(&ids).map(|(p, id)| pair_seen(&w, *p, *id, "order.placed", at)).collect(),
        ..observation(&w, at)
    };
    seen.groups[1].learnt = Expectation::Ephemeral;
    seen.groups[2].gone_at = Some(at);
    w.store.observed(&seen).await.unwrap();
    w.store.archive(&see, ids[0], Some((&PersonId(ANN.into()), "Ann", at))).await.unwrap();
    let told = |f: &Figures| f.figures.iter().map(|f| f.standing.group).collect::<Vec<_>>();
    let one = w.store.lag_figures(&system(), 1, false).await.unwrap();
    assert_eq!((told(&one), one.more_groups), (vec![ids[3]], 1));
    assert!(one.figures[0].partitions.is_empty() && one.figures[0].members.is_none());
    let all = w.store.lag_figures(&system(), 10, true).await.unwrap();
    assert_eq!((told(&all), all.more_groups), (ids[3..].to_vec(), 0));
    assert_eq!((all.figures[0].partitions.len(), all.figures[0].members.as_ref().map(Vec::len)), (1, Some(1)));
    assert_eq!(all.figures[0].assignor.as_deref(), Some("uniform"));
    assert_eq!(all.sources.iter().map(|s| s.observed_at).collect::<Vec<_>>(), [Some(at)]);
    assert_eq!(w.store.lag_figures(&system(), 0, true).await.unwrap().figures, []);
    psql(&w.url, "update source set paused = true").await;
    let paused = w.store.lag_figures(&system(), 1, false).await.unwrap();
    assert_eq!((told(&paused), paused.more_groups), (vec![], 0), "what is not observed is not measured");
}
