use crate::common::{NOW_MS, World, now, psql, view, world};
use weir_domain::{
    GroupId, PersonId, Timestamp,
    access::View,
    lag::{GroupKind, LagKeeper as _, LagLog as _, MoveDone, NotBegun, ResetDone, UNDER_WAY_FOR_S},
};

const ANN: &str = "0193e7a2-4c1b-7d52-a0f3-000000000001";

struct Resets {
    w: World,
    see: View,
    group: GroupId,
}

impl Resets {
    async fn new() -> Self {
        let w = world().await;
        let see = view(&w.store).await;
        psql(&w.url, &format!("insert into person (id, login, name, password_hash, joined_at) values ('{ANN}', 'ann', 'Ann', 'x', now())")).await;
        let group = w.store.intern_groups(w.source, &[("billing".into(), GroupKind::Classic)], now()).await.unwrap()[0];
        Self { w, see, group }
    }

    fn one(&self, n: u32, at_s: i64, undoes: Option<&ResetDone>) -> ResetDone {
        ResetDone {
            id: format!("0193e7a2-4c1b-7d52-a0f3-{n:012}"),
            group: self.group,
            channel: "order.placed".into(),
            at: Timestamp::from_millis(NOW_MS + at_s * 1_000),
            by: Some("Ann".into()),
            moves: vec![MoveDone { partition: 0, from: Some(40), to: 0, problem: None }],
            undoes: undoes.map(|u| u.id.clone()),
            undone_by: None,
        }
    }

    async fn begin(&self, reset: &ResetDone) -> Result<(), NotBegun> {
        self.w.store.begin_reset(&self.see, reset, &PersonId(ANN.into())).await.unwrap()
    }

    async fn end(&self, reset: &ResetDone, stands: bool) {
        self.w.store.end_reset(&self.see, &reset.id, &reset.moves, stands).await.unwrap();
    }

    async fn undone_by(&self, reset: &ResetDone) -> Option<String> {
        let all = self.w.store.resets(&self.see, self.group).await.unwrap();
        all.into_iter().find(|r| r.id == reset.id).unwrap().undone_by
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_undos_at_once_one_begins() {
    let r = Resets::new().await;
    for round in 0..10 {
        let first = r.one(round * 100, i64::from(round), None);
        r.begin(&first).await.unwrap();
        r.end(&first, true).await;
        let undos: Vec<_> = (1..=8).map(|n| r.one(round * 100 + n, i64::from(round), Some(&first))).collect();
        let begun = futures::future::join_all(undos.iter().map(|undo| r.begin(undo))).await;
        let one = begun.iter().position(Result::is_ok).unwrap();
        assert_eq!(begun.iter().filter(|b| b.is_ok()).count(), 1, "round {round}: {begun:?}");
        r.end(&undos[one], true).await;
        assert_eq!(r.begin(&r.one(round * 100 + 9, i64::from(round), Some(&first))).await, Err(NotBegun::TakenBack));
        assert_eq!(r.undone_by(&first).await.as_ref(), Some(&undos[one].id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_come_off_can_be_tried_again() {
    let r = Resets::new().await;
    let first = r.one(1, 0, None);
    r.begin(&first).await.unwrap();
    assert_eq!(r.begin(&r.one(2, 1, None)).await, Err(NotBegun::UnderWay), "one at a time");
    let elsewhere = ResetDone { channel: "order.paid".into(), ..r.one(3, 1, None) };
    r.begin(&elsewhere).await.unwrap();
    r.end(&first, true).await;

    let refused = r.one(4, 2, Some(&first));
    r.begin(&refused).await.unwrap();
    r.end(&refused, false).await;
    assert_eq!(r.undone_by(&first).await, None);
    // Its process is killed: it stands in the way for a while, and no longer.
    let killed = r.one(5, 3, Some(&first));
    r.begin(&killed).await.unwrap();
    assert!(r.begin(&r.one(6, 2 + UNDER_WAY_FOR_S, Some(&first))).await.is_err());
    let last = r.one(7, 4 + UNDER_WAY_FOR_S, Some(&first));
    r.begin(&last).await.unwrap();
    r.end(&last, true).await;
    // It was not killed but late: what stands is the other one.
    r.end(&killed, true).await;
    assert_eq!(r.undone_by(&first).await, Some(last.id.clone()));
    assert_eq!(r.begin(&r.one(8, 5 + UNDER_WAY_FOR_S, Some(&first))).await, Err(NotBegun::TakenBack));
}
