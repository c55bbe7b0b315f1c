//! Events as they are exported: whole, where lists and pages show a beginning.

use super::{
    export::{EventExported, PayloadExported},
    headers, masked, row,
};
use crate::views::Sight;
use weir_domain::{
    CaseError,
    access::Permission,
    capture::Header,
    events::{StoredEvent, json_tree},
};

/// What the caller may see of `events`.
pub(super) async fn shown(events: Vec<StoredEvent>, sight: &Sight) -> Result<Vec<EventExported>, CaseError> {
    let apart = events.into_iter().map(|event| apart(event, sight.view.payload()));
    let (rest, payloads): (Vec<_>, Vec<_>) = apart.unzip();
    // Megabytes to be looked through: not on the threads that serve requests.
    let read = tokio::task::spawn_blocking(|| payloads.into_iter().map(read).collect::<Vec<_>>()).await;
    let payloads = read.map_err(|e| CaseError::Internal(format!("reading payloads ended early: {e}")))?;
    let all = rest.into_iter().zip(payloads);
    Ok(all.filter_map(|((event, headers), payload)| one(&event, headers, payload, sight)).collect())
}

/// A payload before it is read.
enum Raw {
    There(Option<Vec<u8>>),
    Absent,
    TooLarge,
}

/// An event, its headers if they are there, and its payload if it may be seen.
fn apart(mut event: StoredEvent, sees: bool) -> ((StoredEvent, Option<Vec<Header>>), Raw) {
    let (headers, payload) = match event.raw.take() {
        Some(raw) => {
            event.row.key = raw.key;
            event.row.payload_head = raw.payload.as_ref().map(|p| p[..p.len().min(row::HEAD)].to_vec());
            (Some(raw.headers), Raw::There(raw.payload))
        }
        // Known without its bytes.
        None if event.row.tombstone => (None, Raw::There(None)),
        None if event.row.absent.is_some() => (None, Raw::Absent),
        None => (None, Raw::TooLarge),
    };
    ((event, headers), if sees { payload } else { Raw::Absent })
}

fn one(
    event: &StoredEvent,
    headers: Option<Vec<Header>>,
    payload: PayloadExported,
    sight: &Sight,
) -> Option<EventExported> {
    let view = &sight.view;
    let channel = sight.channel(event.row.channel)?;
    let total = headers.as_ref().filter(|_| view.headers()).map_or(0, Vec::len);
    Some(EventExported {
        row: row::shown(&event.row, sight, usize::MAX)?,
        environment_name: channel.environment_name.clone(),
        ce_time: event.ce_time,
        headers: masked(view.headers(), Permission::EventsHeaders, || headers.map(|all| headers::shown(&all))),
        headers_total: u32::try_from(total).unwrap_or(u32::MAX),
        payload: masked(view.payload(), Permission::EventsPayload, || payload),
    })
}

fn read(raw: Raw) -> PayloadExported {
    let bytes = match raw {
        Raw::There(Some(bytes)) => bytes,
        Raw::There(None) => return PayloadExported::Null,
        Raw::Absent => return PayloadExported::Absent,
        Raw::TooLarge => return PayloadExported::TooLarge,
    };
    let is_json = json_tree(&bytes, 0).is_ok();
    match String::from_utf8(bytes) {
        Ok(text) if is_json => PayloadExported::Json(text),
        // What no text holds, whatever encoding it is in.
        Ok(text) if !text.contains('\0') => PayloadExported::Text(text),
        Ok(text) => PayloadExported::Bytes(text.into_bytes()),
        Err(bytes) => PayloadExported::Bytes(bytes.into_bytes()),
    }
}
