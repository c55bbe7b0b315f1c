use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_domain::{ChannelId, events::Masked, lag::HotKeyShown};

use super::named;
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, kinds::INVALID, problem::Problem},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameter")]
pub struct OfChannel {
    /// The id of a channel that the group reads.
    #[param(example = "17")]
    channel: String,
}

/// A partition that takes more than its share of what arrives, and the key that brings it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupHotKey {
    pub partition: i32,
    /// Events a second that arrive in it, and in all partitions.
    pub in_per_s: f64,
    pub all_in_per_s: f64,
    /// How many times an even share that is.
    #[schema(example = 2.1)]
    pub times_its_share: f64,
    /// The newest events stored of it that were looked at.
    pub events: u64,
    /// Different keys among them.
    pub keys: u64,
    /// How many of them have the one key that stands out; `null`: none does.
    pub events_of_key: Option<u64>,
    /// That key; `null` as well where the token may not see keys, or it is not stored any more.
    #[schema(example = "customer-7")]
    pub key: Option<String>,
    /// It is longer than what is told of it.
    pub key_cut: bool,
}

impl From<HotKeyShown> for GroupHotKey {
    fn from(of: HotKeyShown) -> Self {
        let (found, letters) = of.key.map_or((None, None), |(found, letters)| match letters {
            Masked::Shown(letters) => (Some(found), letters),
            Masked::NeedsRole { .. } => (Some(found), None),
        });
        Self {
            partition: of.partition.partition,
            in_per_s: of.partition.per_s,
            all_in_per_s: of.partition.all_per_s,
            times_its_share: of.partition.times,
            events: of.newest.events,
            keys: of.newest.keys,
            events_of_key: found.map(|k| k.events),
            key_cut: letters.as_ref().is_some_and(|l| l.cut),
            key: letters.map(|l| l.text),
        }
    }
}

/// Read which key brings a partition more than its share
///
/// Looks at the newest events stored of the partition that takes most, 2,000 at most. 404 where no partition of the channel
/// takes more than one and a half times its share.
#[utoipa::path(
    get,
    path = "/api/v1/groups/{id}/hot-key",
    operation_id = "lag_hot_key",
    tag = "lag",
    params(("id" = String, Path, description = "The group's id.", example = "42"), OfChannel),
    responses((status = 200, description = "The partition and the key.", body = GroupHotKey)),
)]
pub async fn hot_key(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<GroupHotKey>, Problem> {
    let mut asked = Asked::of(&uri)?;
    let channel: Option<ChannelId> = asked.text("channel")?.and_then(|id| id.parse().ok());
    asked.end()?;
    let wrong = || Problem::new(INVALID, "The parameter \"channel\" is no id.", "Give the id of a channel it reads.");
    let (id, channel) = (named(&id)?, channel.ok_or_else(wrong)?);
    let found = program.told(site.cases.lag.hot_key(&program.caller, id, channel).await)?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("partition that takes more than its share"))?.into()))
}
