//! Finding and reading events.

pub mod around;
pub mod breakdown;
mod columned;
pub mod cursor;
pub mod detail;
pub mod export;
pub mod exported;
pub mod from_broker;
pub mod gone;
pub mod keys;
pub mod links;
pub mod list;
pub mod live;
mod made;
pub mod missing;
pub mod payload;
pub mod shapes;
pub mod tail;

use serde::Deserialize;
use utoipa::IntoParams;
use weir_cases::events::Wanted;
use weir_domain::events::TimeRange;

use super::{asked::Asked, kinds::INVALID, problem::Problem};

/// Which events. All that is given must hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; asked() below reads the parameters")]
pub struct Filter {
    /// A source, by its name or its id; `#3` is the id 3 whatever is called so.
    #[param(example = "shop")]
    source: Option<String>,
    /// A channel, by its name or its id; `#17` is the id 17 whatever is called so. A name that several sources have
    /// needs `source`.
    #[param(example = "order.placed")]
    channel: Option<String>,
    /// The event type, exactly.
    #[param(example = "order.placed")]
    r#type: Option<String>,
    /// The whole key, exactly, as text; or `hex:` and its bytes. Needs `events.key`.
    #[param(example = "ord-4711")]
    key: Option<String>,
    /// What else must hold, in the language of the query bar: words, phrases, comparisons of the event's own fields and of
    /// paths into its payload, `AND`, `OR`, `NOT` and brackets. Or, after `cel:`, an expression of CEL that must be true:
    /// `cel: data.amount > 900 && size(headers) > 2`. What it names needs its permission.
    #[param(example = "type:payment.failed data.amount>900", max_length = 4096)]
    query: Option<String>,
}

/// Characters of a query: however they are written, an address holds so many.
const LONGEST_QUERY: usize = 4096;

/// Which way a list goes: `order`, `newest` if not said.
fn oldest_first(asked: &mut Asked) -> Result<bool, Problem> {
    match asked.text("order")?.as_deref() {
        None | Some("newest") => Ok(false),
        Some("oldest") => Ok(true),
        Some(_) => Err(Problem::new(INVALID, "There is no such order.", "Ask with order=newest or order=oldest.")),
    }
}

/// Reads what [`Filter`] documents.
fn wanted(asked: &mut Asked, range: TimeRange) -> Result<Wanted, Problem> {
    // Read by the gate before, and known here so that it is no stranger.
    asked.text("env")?;
    Ok(Wanted {
        source: asked.text("source")?,
        channel: asked.text("channel")?,
        event_type: asked.text("type")?,
        // Keys may be empty.
        key: asked.exact("key"),
        range,
        query: asked.text_within("query", LONGEST_QUERY)?,
        oldest_first: false,
        ids_are_marked: false,
    })
}
