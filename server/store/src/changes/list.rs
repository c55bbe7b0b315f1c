use crate::timestamp::Ts;
use sqlx::PgPool;
use weir_domain::{
    ChannelId, EnvironmentId, SourceId,
    access::View,
    changes::{ChangeCursor, ChangeFilter, ChangeKind, ChangeShown},
};

pub(super) async fn list(
    pool: &PgPool,
    view: &View,
    filter: &ChangeFilter,
    before: Option<ChangeCursor>,
    limit: u32,
) -> sqlx::Result<Vec<ChangeShown>> {
    let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
    let text = filter.text.as_deref().map(crate::name::storable);
    let rows = sqlx::query_file!(
        "queries/changes/list.sql",
        &channels,
        view.environment().map(|e| e.0),
        filter.kind.map(|k| k.as_str()),
        filter.source.map(|s| s.0),
        filter.channel.map(|c| c.0),
        text,
        filter.range.from.map(Ts) as Option<Ts>,
        filter.range.to.map(Ts) as Option<Ts>,
        before.map(|b| Ts(b.at)) as Option<Ts>,
        before.map(|b| b.id),
        i64::from(limit)
    )
    .fetch_all(pool)
    .await?;
    let shown = rows.into_iter().map(|r| ChangeShown {
        id: r.id,
        at: r.at.0,
        kind: ChangeKind::parse(&r.kind).unwrap_or(ChangeKind::Other),
        environment: r.environment_id.map(EnvironmentId),
        source: r.source_id.map(SourceId),
        channel: r.channel_id.map(ChannelId),
        subject: r.subject,
        title: r.title,
        detail: r.detail,
        link: r.link,
        actor: r.actor,
    });
    Ok(shown.collect())
}
