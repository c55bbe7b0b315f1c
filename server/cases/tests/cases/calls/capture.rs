//! How to call the use cases of what is captured, filled and compared.

use crate::world::{BANK, CHANNELS, SHOP, TRIAL, World};
use serde_json::{Value, json};
use weir_domain::{
    CaseError, ChannelId, Timestamp, access::Caller, capture::CaptureMode, capture::ChannelPolicy, events::TimeRange,
};

pub async fn call(name: &str, world: &World, caller: &Caller) -> Result<Vec<Value>, CaseError> {
    let cases = &world.cases;
    let mut answers = Vec::new();
    match name {
        "capture/list" => answers.push(json!(cases.capture.list(caller, None).await?)),
        "capture/detail" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.capture.detail(caller, ChannelId(channel)).await?));
            }
        }
        "capture/budget" => answers.push(json!(cases.capture.budget(caller).await?)),
        "capture/set_budget" => {
            // Of all channels: who does not see them all is refused after the door.
            let before = world.ports.budget.lock().unwrap().setting.bytes;
            let after = before.is_none().then_some(20_000_000_000);
            match cases.capture.set_budget(caller, Some(before), after).await {
                Err(CaseError::Conflict { .. }) => {}
                done => answers.push(json!(done?)),
            }
        }
        "capture/set" => {
            for (channel, ..) in CHANNELS {
                // Always another one than it is.
                let before = world.ports.policy(ChannelId(channel));
                let mode = match before.mode {
                    CaptureMode::Full => CaptureMode::Metadata,
                    _ => CaptureMode::Full,
                };
                let after = ChannelPolicy { mode, ..before };
                answers.push(json!(cases.capture.set(caller, ChannelId(channel), Some(&before), &after).await?));
            }
        }
        "backfill/list" => {
            for source in [SHOP, BANK, TRIAL] {
                let listed = cases.backfill.list(caller, source).await?;
                answers.push(json!(listed.map(|l| (l.backfills, l.fillable, l.contents))));
            }
        }
        "backfill/start" | "backfill/pause" | "backfill/stop" => {
            for (channel, name_of, ..) in CHANNELS {
                let (channel, backfill) = (ChannelId(channel), &cases.backfill);
                let found = match name {
                    "backfill/start" => backfill.start(caller, channel, 1 << 20).await?,
                    "backfill/pause" => backfill.pause(caller, channel).await?,
                    _ => backfill.stop(caller, channel).await?,
                };
                answers.push(json!(found.map(|_| name_of)));
            }
        }
        "backfill/content" => {
            for (channel, ..) in CHANNELS {
                let range = Some(TimeRange { from: Some(Timestamp(0)), to: Some(Timestamp(1)) });
                let found = cases.backfill.content(caller, ChannelId(channel), range).await?;
                answers.push(json!(found.map(|f| (f.name, f.lacking))));
            }
        }
        "backfill/fill_content" | "backfill/pause_content" | "backfill/stop_content" => {
            for (channel, name_of, ..) in CHANNELS {
                let (channel, backfill) = (ChannelId(channel), &cases.backfill);
                let range = TimeRange { from: Some(Timestamp(0)), to: Some(Timestamp(1)) };
                let found = match name {
                    "backfill/fill_content" => backfill.fill_content(caller, channel, range, 1 << 20).await?,
                    "backfill/pause_content" => backfill.pause_content(caller, channel).await?,
                    _ => backfill.stop_content(caller, channel).await?,
                };
                answers.push(json!(found.map(|()| name_of)));
            }
        }
        "verify/list" => {
            for source in [SHOP, BANK, TRIAL] {
                answers.push(json!(cases.verify.list(caller, source).await?));
            }
        }
        "verify/run" => {
            for source in [SHOP, BANK, TRIAL] {
                let done = cases.verify.run(caller, source, Default::default()).await?;
                answers.push(json!(done.map(|d| (d.compared, d.unread))));
            }
        }
        unknown => panic!("the access test does not know how to call {unknown}"),
    }
    Ok(answers)
}
