//! Requests as people ask for them, see them and decide them.

use super::Stop;
use crate::{Store, holds::Standing, name::storable_text, segments, timestamp::Ts};
use sqlx::PgConnection;
use uuid::Uuid;
use weir_domain::{
    ChannelId, ErasureId, EventId, PersonId,
    access::View,
    erasures::{
        By, Counted, Decision, ErasedBy, Erasure, ErasureDetail, ErasureRefused, ErasureState, KeptSubject, MOST_SHOWN,
        NewErasure, SubjectKind,
    },
};

/// Serialises what is counted before it is written ("eras").
const LOCK: i64 = 0x6572_6173;
/// Names of holds that a page tells.
const HOLDS_TOLD: usize = 20;

struct Row {
    id: Uuid,
    kind: String,
    state: String,
    channels: Option<Vec<i64>>,
    reason: String,
    asked_by: Option<Uuid>,
    asked_name: String,
    asked_at: Ts,
    ends_at: Ts,
    decided_name: Option<String>,
    decided_at: Option<Ts>,
    word: String,
    ended_at: Option<Ts>,
    erased: i64,
    left_held: i64,
    unreadable: i64,
    searches: i32,
}

impl Row {
    /// `None`: of a kind or state that only a newer Weir knows.
    fn shown(self) -> Option<Erasure> {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Some(Erasure {
            id: ErasureId(self.id.to_string()),
            kind: SubjectKind::parse(&self.kind)?,
            state: ErasureState::parse(&self.state)?,
            channels: self.channels.map(|all| all.into_iter().map(ChannelId).collect()),
            reason: self.reason,
            asked_by: self.asked_by.map(|id| PersonId(id.to_string())),
            asked_name: self.asked_name,
            asked_at: self.asked_at.0,
            ends_at: self.ends_at.0,
            decided_name: self.decided_name,
            decided_at: self.decided_at.map(|t| t.0),
            word: self.word,
            ended_at: self.ended_at.map(|t| t.0),
            erased: count(self.erased),
            left_held: count(self.left_held),
            unreadable: count(self.unreadable),
            searches: u32::try_from(self.searches).unwrap_or(0),
        })
    }
}

impl Store {
    pub(super) async fn erasures_shown(&self) -> sqlx::Result<Vec<Erasure>> {
        let rows = sqlx::query_file_as!(Row, "queries/erasures/requests.sql", None::<Uuid>, i64::from(MOST_SHOWN));
        Ok(rows.fetch_all(self.pages()).await?.into_iter().filter_map(Row::shown).collect())
    }

    pub(super) async fn request(&self, id: Uuid) -> sqlx::Result<Option<Erasure>> {
        let row = sqlx::query_file_as!(Row, "queries/erasures/requests.sql", Some(id), 1);
        Ok(row.fetch_optional(self.pages()).await?.and_then(Row::shown))
    }

    pub(super) async fn erasure_shown(&self, id: Uuid) -> sqlx::Result<Option<ErasureDetail>> {
        let Some(request) = self.request(id).await? else { return Ok(None) };
        let mut tx = self.for_a_page().await?;
        let counted = counted(&mut tx, id).await?;
        let subject = sqlx::query!("select subject, subject_key from erasure where id = $1", id);
        let subject = subject
            .fetch_optional(&mut *tx)
            .await?
            .and_then(|r| r.subject.map(|bytes| KeptSubject { kind: request.kind, key_id: r.subject_key, bytes }));
        let holds = match counted.iter().any(|c| c.held > 0) || request.left_held > 0 {
            true => standing(&mut tx, &counted).await?,
            false => Vec::new(),
        };
        Ok(Some(ErasureDetail { request, counted, subject, holds }))
    }

    pub(super) async fn put_erasure(&self, new: &NewErasure, most: u32) -> Result<(), Stop> {
        let (id, person) = (parsed(&new.id.0)?, parsed(&new.by.person.0)?);
        let mut tx = self.for_a_page().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
        let open = sqlx::query_scalar!(
            r#"select count(*) as "n!" from erasure where by_tombstones is null and state in ('counting', 'waiting', 'running', 'cleaning')"#
        );
        if open.fetch_one(&mut *tx).await? >= i64::from(most) {
            return Err(ErasureRefused::TooMany.into());
        }
        let channels: Option<Vec<i64>> = new.channels.as_ref().map(|all| all.iter().map(|c| c.0).collect());
        sqlx::query!(
            "insert into erasure (id, kind, subject, subject_key, channels, reason, state, asked_by, asked_name, asked_at, ends_at)
             values ($1, $2, $3, $4, $5, $6, 'counting', $7, $8, $9, $10)",
            id,
            new.subject.kind.as_str(),
            new.subject.bytes,
            new.subject.key_id,
            channels.as_deref() as Option<&[i64]>,
            storable_text(&new.reason),
            person,
            storable_text(&new.by.name),
            Ts(new.by.at) as Ts,
            Ts(new.ends_at) as Ts
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    pub(super) async fn decide(&self, id: Uuid, decision: &Decision, by: &By) -> Result<(), Stop> {
        let person = parsed(&by.person.0)?;
        let mut tx = self.for_a_page().await?;
        if matches!(decision, Decision::Approve) {
            // Whoever fills content holds this: what is filled is there before an erasure runs, or sees that it does.
            segments::lock(&mut tx).await?;
        }
        // One after the other: who comes second finds what the first decided.
        let row = sqlx::query!(
            r#"select state, asked_by, ends_at as "ends_at: Ts" from erasure where id = $1 for update"#,
            id
        );
        let row = row.fetch_optional(&mut *tx).await?.ok_or(ErasureRefused::Absent)?;
        let state = ErasureState::parse(&row.state).ok_or(ErasureRefused::Absent)?;
        let decidable = match decision {
            Decision::Approve => state == ErasureState::Waiting,
            Decision::Decline(_) | Decision::Withdraw => state.is_open(),
        };
        if state.is_open() && row.ends_at.0 <= by.at {
            return Err(ErasureRefused::State(ErasureState::Expired).into());
        }
        if !decidable {
            return Err(ErasureRefused::State(state).into());
        }
        match (decision, row.asked_by == Some(person)) {
            (Decision::Withdraw, false) => return Err(ErasureRefused::NotOwn.into()),
            (Decision::Approve | Decision::Decline(_), true) => return Err(ErasureRefused::Own.into()),
            _ => {}
        }
        let (next, word) = match decision {
            Decision::Approve => {
                let counted = counted(&mut tx, id).await?;
                let held: u64 = counted.iter().map(|c| c.held).sum();
                if held > 0 {
                    let names = standing(&mut tx, &counted).await?;
                    // Holds that have ended meanwhile keep nothing: the walk that erases asks those that stand.
                    if !names.is_empty() {
                        return Err(ErasureRefused::Held(held, names).into());
                    }
                }
                let searches = sqlx::query_scalar!("select searches from erasure where id = $1", id);
                if counted.is_empty() && searches.fetch_one(&mut *tx).await? == 0 {
                    return Err(ErasureRefused::Nothing.into());
                }
                ("running", "")
            }
            Decision::Decline(word) => ("declined", word.as_str()),
            Decision::Withdraw => ("withdrawn", ""),
        };
        // The walk that erases begins anew. What is not to be erased is forgotten at once.
        sqlx::query!(
            "update erasure set state = $2, word = $3, decided_by = $4, decided_name = $5, decided_at = $6::timestamptz,
                 at_partition = 0, at_position = -9223372036854775808,
                 ended_at = case when $7 then null else $6::timestamptz end,
                 subject = case when $7 then subject end,
                 subject_key = case when $7 then subject_key end
             where id = $1",
            id,
            next,
            storable_text(word),
            person,
            storable_text(&by.name),
            Ts(by.at) as Ts,
            next == "running"
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    pub(super) async fn event_erased_by(&self, view: &View, id: EventId) -> sqlx::Result<Option<ErasedBy>> {
        let row = sqlx::query!(
            r#"select x.id, x.asked_name, x.decided_name as "approved!", x.reason, coalesce(x.ended_at, x.decided_at) as "at!: Ts",
                   p.channel_id
               from erased_event e join erasure x on x.id = e.erasure_id join partition p on p.id = e.partition_id
               where e.partition_id = $1 and e.position = $2 and x.decided_name is not null"#,
            id.partition.0,
            id.position.0
        )
        .fetch_optional(self.pages())
        .await?;
        Ok(row.filter(|r| view.channels().contains(ChannelId(r.channel_id))).map(|r| ErasedBy {
            id: ErasureId(r.id.to_string()),
            at: r.at.0,
            asked_name: r.asked_name,
            approved_name: r.approved,
            reason: r.reason,
        }))
    }
}

fn parsed(id: &str) -> sqlx::Result<Uuid> {
    Uuid::parse_str(id).map_err(|e| sqlx::Error::Decode(e.into()))
}

async fn counted(db: &mut PgConnection, id: Uuid) -> sqlx::Result<Vec<Counted>> {
    let rows = sqlx::query!(
        r#"select channel_id, events, bare, held, min_time as "first: Ts", max_time as "last: Ts"
           from erasure_count where erasure_id = $1 order by channel_id limit 10000"#,
        id
    );
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let counted = rows.fetch_all(db).await?.into_iter().map(|r| Counted {
        channel: ChannelId(r.channel_id),
        events: count(r.events),
        bare: count(r.bare),
        held: count(r.held),
        first: r.first.0,
        last: r.last.0,
    });
    Ok(counted.collect())
}

/// Names of the holds that stand and may keep something of what was counted as held.
async fn standing(db: &mut PgConnection, counted: &[Counted]) -> sqlx::Result<Vec<String>> {
    let channels: Vec<i64> = counted.iter().filter(|c| c.held > 0).map(|c| c.channel.0).collect();
    let mut names = Standing::names(db, &channels).await?;
    names.truncate(HOLDS_TOLD);
    Ok(names)
}
