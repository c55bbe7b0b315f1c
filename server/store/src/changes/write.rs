use crate::{name::cut, timestamp::Ts};
use sqlx::PgConnection;
use weir_domain::changes::NewChange;

/// Bytes kept, as the table wants them at most.
const TITLE: usize = 300;
const DETAIL: usize = 2000;

pub(crate) async fn append(connection: &mut PgConnection, change: &NewChange) -> sqlx::Result<Option<i64>> {
    let text = |text: &str, longest| cut(&text.replace('\0', "\u{fffd}"), longest);
    sqlx::query_scalar!(
        "insert into change (at, kind, environment_id, source_id, channel_id, subject, title, detail, link, actor, once)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (once) do nothing returning id",
        Ts(change.at) as Ts,
        change.kind.as_str(),
        change.environment.map(|e| e.0),
        change.source.map(|s| s.0),
        change.channel.map(|c| c.0),
        change.subject.as_deref().map(|s| text(s, TITLE)),
        text(&change.title, TITLE),
        text(&change.detail, DETAIL),
        change.link.as_deref().map(|l| text(l, DETAIL)),
        change.actor.as_deref().map(|a| text(a, TITLE)),
        change.once
    )
    .fetch_optional(connection)
    .await
}
