use super::{Fixture, Follow};
use crate::{StartAt, memory::NewRecord};

pub async fn holes_at_head_and_tail_are_passed_and_no_gap(fixture: &dyn Fixture) {
    if !fixture.abilities().compaction {
        return;
    }
    let channel = fixture.create_compacted("compacted").await;
    let record = |key: &str, n: i32| NewRecord::new(format!("{n}")).key(key);
    // Compaction leaves 1-3 of the first batch (its head and tail go), nothing of the second, all of the third.
    fixture.produce(&channel, 0, ["a", "b", "c", "d", "e"].map(|k| record(k, 1)).into()).await;
    fixture.produce(&channel, 0, ["a", "e"].map(|k| record(k, 2)).into()).await;
    fixture.produce(&channel, 0, ["a", "e", "f"].map(|k| record(k, 3)).into()).await;
    fixture.produce(&channel, 0, vec![record("end", 4)]).await;
    let mut before = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    let mut cursors = Vec::new();
    before.until("all of it", |f| f.of(&channel, 0).next.is_some_and(|next| next.0 >= 11)).await;
    cursors.push(before.of(&channel, 0).cursor.clone().expect("a cursor"));
    drop(before);
    fixture.compact(&channel).await;

    let kept = [1, 2, 3, 7, 8, 9];
    let mut follow = Follow::start(fixture, &channel, &[0], StartAt::Earliest).await;
    follow.until("all of it", |f| f.of(&channel, 0).next.is_some_and(|next| next.0 >= 11)).await;
    let seen = follow.of(&channel, 0);
    let positions: Vec<i64> = seen.positions().into_iter().filter(|p| *p < 10).collect();
    assert_eq!(positions, kept);
    assert_eq!(seen.gaps, [], "holes between offsets are no gap");
    let again = Follow::start(fixture, &channel, &[0], StartAt::Cursor(cursors.remove(0)));
    let mut again = again.await;
    again.until("nothing is missing at the old cursor", |f| f.of(&channel, 0).next.is_some()).await;
    assert_eq!(again.of(&channel, 0).gaps, []);
}
