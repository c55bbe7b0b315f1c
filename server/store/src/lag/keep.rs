use super::{from_json, json};
use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use uuid::Uuid;
use weir_domain::{
    GroupId, PersonId, SourceId, StoreError, Timestamp,
    access::View,
    lag::{GroupSaid, LagKeeper, MoveDone, NotBegun, NotReported, ReportedGroup, ResetDone, UNDER_WAY_FOR_S},
};

/// Told of one group.
const MOST_RESETS: i64 = 50;

#[async_trait]
impl LagKeeper for Store {
    async fn say(&self, _: &View, group: GroupId, said: &GroupSaid) -> Result<bool, StoreError> {
        let expectation = said.expectation.as_ref().map(json).transpose()?;
        let done = sqlx::query!(
            "update consumer_group set expectation = $2, owner = $3, note = $4 where id = $1",
            group.0,
            expectation,
            said.owner,
            said.note
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(done.rows_affected() == 1)
    }

    async fn archive(
        &self,
        _: &View,
        group: GroupId,
        by: Option<(&PersonId, &str, Timestamp)>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update consumer_group set archived_at = $2, archived_by = $3 where id = $1",
            group.0,
            by.map(|(.., at)| Ts(at)) as Option<Ts>,
            by.map(|(_, name, _)| name)
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(done.rows_affected() == 1)
    }

    async fn begin_reset(
        &self,
        _: &View,
        reset: &ResetDone,
        by: &PersonId,
    ) -> Result<Result<(), NotBegun>, StoreError> {
        let (new, by, undoes) = (id(&reset.id)?, id(&by.0)?, reset.undoes.as_deref().map(id).transpose()?);
        let mut tx = self.for_a_page().await.map_err(failed)?;
        sqlx::query!(
            "update lag_reset set stands = false
             where group_id = $1 and channel = $2 and stands and not done and at < $3",
            reset.group.0,
            reset.channel,
            Ts(reset.at.plus_secs(-UNDER_WAY_FOR_S)) as Ts
        )
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        let begun = sqlx::query!(
            "insert into lag_reset (id, group_id, channel, at, by_id, by_name, moves, undoes)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            new,
            reset.group.0,
            reset.channel,
            Ts(reset.at) as Ts,
            by,
            reset.by.as_deref().unwrap_or_default(),
            json(&reset.moves)?,
            undoes
        )
        .execute(&mut *tx)
        .await;
        if let Err(sqlx::Error::Database(error)) = &begun {
            match error.constraint() {
                Some("lag_reset_taken_back") => return Ok(Err(NotBegun::TakenBack)),
                Some("lag_reset_under_way") => return Ok(Err(NotBegun::UnderWay)),
                _ => {}
            }
        }
        begun.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(Ok(()))
    }

    async fn end_reset(&self, _: &View, reset: &str, moves: &[MoveDone], stands: bool) -> Result<(), StoreError> {
        // One that came back after it had been given up stands no more.
        sqlx::query!(
            "update lag_reset set moves = $2, done = true, stands = stands and $3 where id = $1",
            id(reset)?,
            json(&moves)?,
            stands
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn resets(&self, _: &View, group: GroupId) -> Result<Vec<ResetDone>, StoreError> {
        let rows = sqlx::query!(
            r#"select r.id, r.channel, r.at as "at: Ts", r.by_name, r.moves, r.undoes, u.id as "undone_by?", r.done
               from lag_reset r left join lateral (
                   select u.id from lag_reset u where u.undoes = r.id and u.done and u.stands order by u.at desc limit 1
               ) u on true
               where r.group_id = $1 order by r.at desc, r.id desc limit $2"#,
            group.0,
            MOST_RESETS
        )
        .fetch_all(self.pages())
        .await
        .map_err(failed)?;
        rows.into_iter()
            .map(|r| {
                let mut moves: Vec<MoveDone> = from_json(&r.moves, &format!("reset {}", r.id))?;
                if !r.done {
                    // Weir ended before the broker had answered.
                    let why = "whether it was moved is not known";
                    moves.iter_mut().for_each(|m| m.problem = m.problem.take().or_else(|| Some(why.to_owned())));
                }
                Ok(ResetDone {
                    id: r.id.to_string(),
                    group,
                    channel: r.channel,
                    at: r.at.0,
                    by: Some(r.by_name).filter(|n| !n.is_empty()),
                    moves,
                    undoes: r.undoes.map(|u| u.to_string()),
                    undone_by: r.undone_by.map(|u| u.to_string()),
                })
            })
            .collect()
    }

    async fn last_report(&self, _: &View, source: SourceId, group: &str) -> Result<Option<ReportedGroup>, StoreError> {
        self.last_reported(source, group).await
    }

    async fn report(
        &self,
        _: &View,
        source: SourceId,
        group: &ReportedGroup,
    ) -> Result<Result<(), NotReported>, StoreError> {
        self.take_report(source, group).await
    }

    async fn forgotten(&self, _: &View, group: GroupId, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query!("update consumer_group set gone_at = coalesce(gone_at, $2) where id = $1", group.0, Ts(at) as Ts)
            .execute(self.pages())
            .await
            .map_err(failed)?;
        Ok(())
    }
}

fn id(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|_| StoreError::Internal("an id is no UUID".to_owned()))
}
