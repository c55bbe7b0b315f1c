use sqlx::PgConnection;

/// The seam for indexes of words and keys that are made of segments of spans: called in the transaction that blanks events
/// of these spans (metadata bucket, partition, first position), before it commits. Whatever such an index keeps of them (a
/// hash of a word is as good as a word that can be guessed) must not outlive the transaction: mark their segment to be made
/// anew, and let it be read as if it were not there meanwhile. There is no such index yet, so that nothing is to be done;
/// zones are made anew where rows are blanked (`events::blank`).
#[expect(clippy::unused_async, reason = "an index has to be asked by the same transaction")]
pub(super) async fn forget_spans(_: &mut PgConnection, _: &[(i32, i64, i64)]) -> sqlx::Result<()> {
    Ok(())
}
