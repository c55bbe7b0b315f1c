use super::{from_json, json};
use crate::{Store, error::failed, timestamp::Ts};
use weir_domain::{
    SourceId, StoreError, Timestamp,
    lag::{MOST_REPORTING, NotReported, REPORTED_FOR_S, ReportedGroup},
};

impl Store {
    pub(super) async fn take_report(
        &self,
        source: SourceId,
        group: &ReportedGroup,
    ) -> Result<Result<(), NotReported>, StoreError> {
        let positions = json(&group.positions)?;
        let mut tx = self.for_a_page().await.map_err(failed)?;
        let there = sqlx::query!(
            r#"select exists (
                   select from consumer_group where source_id = $1 and name = $2 and kind <> 'reported' and gone_at is null
               ) as "taken!",
               (select count(*) from lag_reported where source_id = $1 and name <> $2) as "others!""#,
            source.0,
            group.name
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(failed)?;
        if there.taken {
            return Ok(Err(NotReported::Taken));
        }
        if there.others >= i64::from(MOST_REPORTING) {
            return Ok(Err(NotReported::Full));
        }
        sqlx::query!(
            "insert into lag_reported (source_id, name, application, host, reported_at, positions)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (source_id, name) do update set application = excluded.application, host = excluded.host,
                 reported_at = excluded.reported_at, positions = excluded.positions
                 where lag_reported.reported_at <= excluded.reported_at",
            source.0,
            group.name,
            group.application,
            group.host,
            Ts(group.at) as Ts,
            positions
        )
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(Ok(()))
    }

    pub(super) async fn last_reported(
        &self,
        source: SourceId,
        group: &str,
    ) -> Result<Option<ReportedGroup>, StoreError> {
        let row = sqlx::query!(
            r#"select application, host, reported_at as "reported_at: Ts", positions
               from lag_reported where source_id = $1 and name = $2"#,
            source.0,
            group
        );
        let row = row.fetch_optional(self.pages()).await.map_err(failed)?;
        row.map(|r| {
            let positions = from_json(&r.positions, group)?;
            let (application, host) = (r.application, r.host);
            Ok(ReportedGroup { name: group.to_owned(), application, host, at: r.reported_at.0, positions })
        })
        .transpose()
    }

    pub(super) async fn reported_groups(&self, source: SourceId) -> Result<Vec<ReportedGroup>, StoreError> {
        let rows = sqlx::query!(
            r#"select name, application, host, reported_at as "reported_at: Ts", positions
               from lag_reported where source_id = $1 order by name"#,
            source.0
        )
        .fetch_all(self.pages())
        .await
        .map_err(failed)?;
        rows.into_iter()
            .map(|r| {
                Ok(ReportedGroup {
                    positions: from_json(&r.positions, &r.name)?,
                    name: r.name,
                    application: r.application,
                    host: r.host,
                    at: r.reported_at.0,
                })
            })
            .collect()
    }

    /// Who has been silent for long is forgotten.
    pub(super) async fn forget_reports(&self, now: Timestamp) -> sqlx::Result<u64> {
        let before = Ts(now.plus_secs(-REPORTED_FOR_S));
        let gone = sqlx::query!("delete from lag_reported where reported_at < $1", before as Ts);
        Ok(gone.execute(self.pages()).await?.rows_affected())
    }
}
