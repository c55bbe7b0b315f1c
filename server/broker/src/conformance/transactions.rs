use super::{Fixture, Follow, starts::numbered};
use crate::StartAt;

pub async fn a_commit_shows_all_of_it(fixture: &dyn Fixture) {
    if !fixture.abilities().transactions {
        return;
    }
    let channel = fixture.create("commit", 1).await;
    fixture.begin("commits", &channel, 0, numbered(0..3)).await.commit().await;
    fixture.produce(&channel, 0, numbered(3..4)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 5).await;
    assert_eq!(follow.of(&channel, 0).positions(), [0, 1, 2, 4], "the marker takes 3");
    assert_eq!(follow.of(&channel, 0).gaps, [], "and is no gap");
}

pub async fn an_aborted_one_at_the_end_is_passed(fixture: &dyn Fixture) {
    if !fixture.abilities().transactions {
        return;
    }
    let channel = fixture.create("aborted", 1).await;
    fixture.produce(&channel, 0, numbered(0..2)).await;
    let mut live = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    live.to_end(&channel, 2).await;
    fixture.begin("aborts", &channel, 0, numbered(2..5)).await.abort().await;
    live.to_end(&channel, 6).await;
    let mut late = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    late.to_end(&channel, 6).await;
    for follow in [&live, &late] {
        assert_eq!(follow.of(&channel, 0).positions(), [0, 1]);
        assert_eq!(follow.of(&channel, 0).gaps, []);
    }
    let cursor = live.of(&channel, 0).cursor.clone().expect("a cursor");
    fixture.produce(&channel, 0, numbered(6..7)).await;
    let mut resumed = Follow::start(fixture, &channel, &[0], StartAt::Cursor(cursor)).await;
    resumed.to_end(&channel, 7).await;
    assert_eq!(resumed.of(&channel, 0).positions(), [6], "the cursor lay behind what was aborted");
}

pub async fn an_empty_one_is_passed(fixture: &dyn Fixture) {
    if !fixture.abilities().transactions {
        return;
    }
    let channel = fixture.create("hollow", 1).await;
    fixture.produce(&channel, 0, numbered(0..1)).await;
    fixture.begin("hollow", &channel, 0, Vec::new()).await.commit().await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 2).await;
    assert_eq!(follow.of(&channel, 0).positions(), [0]);
}

pub async fn an_open_one_holds_back_and_is_named(fixture: &dyn Fixture) {
    if !fixture.abilities().transactions {
        return;
    }
    let channel = fixture.create("open", 1).await;
    fixture.produce(&channel, 0, numbered(0..2)).await;
    let id = format!("holds {channel}");
    let open = fixture.begin(&id, &channel, 0, numbered(2..4)).await;
    fixture.produce(&channel, 0, numbered(4..6)).await;
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.until("who holds it", |f| f.of(&channel, 0).held.is_some()).await;
    let seen = follow.of(&channel, 0);
    let held = seen.held.clone().expect("it is held");
    assert_eq!(held.transactional_id, Some(id));
    assert!(held.since.0 > 0, "{held:?}");
    assert_eq!(seen.positions(), [0, 1], "what was written after it waits, too");
    assert!(seen.is_at_end(2), "the end of what may be read: {seen:?}");
    open.commit().await;
    follow.to_end(&channel, 7).await;
    let seen = follow.of(&channel, 0);
    assert_eq!(seen.positions(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(seen.held, None, "it is free again");
}

pub async fn an_aborted_one_among_others_is_left_out(fixture: &dyn Fixture) {
    if !fixture.abilities().transactions {
        return;
    }
    let channel = fixture.create("mixed", 1).await;
    let (one, two) = (format!("one {channel}"), format!("two {channel}"));
    // 0-1 aborted, 2 plain, 3-4 committed and begun while the first was open, 5 abort marker, 6 commit marker,
    // 7-8 committed by the very producer that aborted, 9 its marker, 10 plain.
    let aborted = fixture.begin(&one, &channel, 0, numbered(0..2)).await;
    fixture.produce(&channel, 0, numbered(2..3)).await;
    let committed = fixture.begin(&two, &channel, 0, numbered(3..5)).await;
    aborted.abort().await;
    committed.commit().await;
    fixture.begin(&one, &channel, 0, numbered(7..9)).await.commit().await;
    fixture.produce(&channel, 0, numbered(10..11)).await;
    for records in [1, 2, 20_000] {
        let mut limits = super::follow::QUICK;
        limits.records = records;
        let mut follow = Follow::open(fixture, limits).await;
        let assignment = super::follow::assignment(fixture, &channel, 0, StartAt::Earliest).await;
        follow.assign(vec![assignment]).await;
        follow.to_end(&channel, 11).await;
        assert_eq!(follow.of(&channel, 0).positions(), [2, 3, 4, 7, 8, 10], "{records} records per read");
    }
}
