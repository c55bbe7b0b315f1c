use super::words::{about, days, gigabytes, percent};
use crate::{
    drawn::{Echo, one_of},
    people::default_button,
    ui::Banner,
};
use leptos::prelude::*;
use weir_domain::capture::{
    CaptureDetail, CaptureMode, ChannelCapture, ChannelPolicy, DEFAULT_TURN, RETENTION_DAYS, TURNS,
};

/// A policy that was sent and gives something up: handed by the server to the page, which asks once more.
#[derive(Debug, Clone)]
pub struct Asked {
    pub policy: ChannelPolicy,
    pub gives_up: Vec<&'static str>,
}

/// What stands in the form: as it was typed, else as it is.
struct Typed {
    mode: String,
    sample: String,
    payload_days: String,
    metadata_days: String,
    limit: String,
    turn: String,
    tombstones: String,
    seen: String,
}

impl Typed {
    fn of(policy: &ChannelPolicy, echo: &Echo) -> Self {
        let text = |name: &str| echo.typed(name).unwrap_or_default().to_owned();
        // A form that was sent carries the policy it was about.
        if let Some(seen) = echo.typed("seen") {
            return Self {
                mode: text("mode"),
                sample: text("sample"),
                payload_days: text("payload_days"),
                metadata_days: text("metadata_days"),
                limit: text("limit"),
                turn: text("turn"),
                tombstones: text("tombstones"),
                seen: seen.to_owned(),
            };
        }
        Self {
            mode: policy.mode.as_str().to_owned(),
            sample: policy.mode.per_mille().map_or_else(|| "10".to_owned(), percent),
            payload_days: policy.payload_days.to_string(),
            metadata_days: policy.metadata_days.to_string(),
            limit: policy.payload_limit.map(gigabytes).unwrap_or_default(),
            turn: policy.turn.to_string(),
            tombstones: if policy.erase_on_tombstone { "erase" } else { "keep" }.to_owned(),
            seen: written(policy),
        }
    }
}

fn written(policy: &ChannelPolicy) -> String {
    serde_json::to_string(policy).unwrap_or_default()
}

pub(super) fn form(found: &CaptureDetail, echo: &Echo) -> AnyView {
    let c = &found.capture;
    if !found.may_edit {
        return view! {
            <p class="soft small">
                "Changing it needs the permission capture.edit, which administrators have. "
                <a href="/account/ask?role=admin&for=capture.edit">"Ask for it"</a>
            </p>
        }
        .into_any();
    }
    let typed = Typed::of(&c.policy, echo);
    let action = format!("/channels/{}/capture", c.channel);
    let sending = sending(echo, action.clone());
    view! {
        <section class="panel" aria-labelledby="policy">
            <div class="panel__head">
                <h2 class="panel__title" id="policy">
                    "Policy"
                </h2>
            </div>
            <form method="post" action=action class="panel__body stack stack--lg" autocomplete="off">
                {default_button()}
                <input type="hidden" name="seen" value=typed.seen.clone() />
                {modes(&typed)}
                <div class="pair">
                    {kept(c, "payload_days", "Payloads are kept for", &typed.payload_days, payloads_for)}
                    {kept(c, "metadata_days", "Metadata is kept for", &typed.metadata_days, metadata_for)}
                </div>
                <div class="pair">{limit(&typed.limit)} {turn(&typed.turn)}</div>
                {tombstones(&typed.tombstones)}
                <p class="small muted">
                    "A longer retention holds for events to come; what is stored goes when it was to go. A shorter one holds for what is stored, too: older events are gone from every page at once. \u{2248} is what it comes to at the rate of the last day."
                </p>
                {sending}
            </form>
        </section>
    }
    .into_any()
}

fn modes(typed: &Typed) -> AnyView {
    let option = |value: &'static str, name: &'static str, words: AnyView, disabled: bool| {
        let checked = typed.mode == value;
        view! {
            <label class="role">
                <input type="radio" name="mode" value=value checked=checked disabled=disabled required />
                <b class="med">{name}</b>
                <span class="soft">{words}</span>
            </label>
        }
    };
    let sample = view! {
        <span>
            "Everything of "
            <input
                class="input capture-sample"
                name="sample"
                value=typed.sample.clone()
                maxlength="8"
                inputmode="decimal"
                aria-label="Percent of keys"
            />
            " % of keys, always the same ones; of the others metadata. Events without a key are chosen one by one."
        </span>
    };
    view! {
        <fieldset class="fieldset">
            <legend class="field__label">"What is kept of each event"</legend>
            <div class="roles">
                {option("full", "Everything", "Key, headers and payload as they are.".into_any(), false)}
                {option(
                    "metadata",
                    "Metadata",
                    "Position, times, type and size; no key, no headers, no payload.".into_any(),
                    false,
                )}
                {option("sampled", "A sample", sample.into_any(), false)}
                {option(
                    "failures_only",
                    "Failures",
                    "Not yet: nothing in Weir recognises a failure so far, and a guess would throw away the wrong ones."
                        .into_any(),
                    true,
                )}
                {option(
                    "off",
                    "Off",
                    "It is not read. Switched on again it goes on with what comes then, and what is missing is recorded as a gap."
                        .into_any(),
                    false,
                )}
            </div>
        </fieldset>
    }
    .into_any()
}

/// Payloads alone, kept for so long.
fn payloads_for(c: &ChannelCapture, n: i16) -> Option<u64> {
    let mode = c.effective();
    let policy = ChannelPolicy { mode, payload_days: n, payload_limit: None, ..c.policy };
    let without = ChannelPolicy { mode: CaptureMode::Metadata, ..policy };
    Some(c.cost.steady(&policy, mode)?.saturating_sub(c.cost.steady(&without, mode)?))
}

fn metadata_for(c: &ChannelCapture, n: i16) -> Option<u64> {
    let policy = ChannelPolicy { mode: CaptureMode::Metadata, metadata_days: n, ..c.policy };
    c.cost.steady(&policy, CaptureMode::Metadata)
}

fn kept(
    c: &ChannelCapture,
    name: &'static str,
    label: &'static str,
    chosen: &str,
    comes_to: fn(&ChannelCapture, i16) -> Option<u64>,
) -> AnyView {
    let options = RETENTION_DAYS
        .iter()
        .map(|n| {
            let value = n.to_string();
            let selected = value == chosen;
            let words = format!("{} ({})", days(*n), about(comes_to(c, *n)));
            view! {
                <option value=value selected=selected>
                    {words}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select class="select" id=name name=name>
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn limit(value: &str) -> AnyView {
    view! {
        <div class="field">
            <label for="limit">"At most so many GB of payloads"</label>
            <input
                class="input"
                id="limit"
                name="limit"
                value=value.to_owned()
                maxlength="20"
                inputmode="decimal"
                aria-describedby="limit-hint"
            />
            <span class="field__hint" id="limit-hint">
                "Above it the oldest payloads are deleted, block by block; their events stay as metadata. Empty: no limit."
            </span>
        </div>
    }
    .into_any()
}

/// When it gives way as the store's budget fills.
fn turn(chosen: &str) -> AnyView {
    let options = TURNS
        .map(|n| {
            let value = n.to_string();
            let selected = value == chosen;
            let words = match n {
                1 => "1, the first".to_owned(),
                DEFAULT_TURN => format!("{n}, as most do"),
                9 => "9, the last".to_owned(),
                n => n.to_string(),
            };
            view! {
                <option value=value selected=selected>
                    {words}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="turn">"Its turn when the store is full"</label>
            <select class="select" id="turn" name="turn" aria-describedby="turn-hint">
                {options}
            </select>
            <span class="field__hint" id="turn-hint">
                "From 95 % of the "
                <a href="/capture">"store's budget"</a>
                " on channels give up their oldest payloads, turn after turn; in one turn the largest first."
            </span>
        </div>
    }
    .into_any()
}

fn tombstones(chosen: &str) -> AnyView {
    view! {
        <fieldset class="fieldset">
            <legend class="field__label">"An event with a key and without payload (a tombstone)"</legend>
            {one_of(
                "tombstones",
                &[
                    ("keep", "Erases nothing", "It is stored like any other event."),
                    (
                        "erase",
                        "Erases the earlier events of its key",
                        "Key, headers and payload of all of them on this channel, for good. Nobody is asked each time: who switches it on approves it, and needs events.erase as well.",
                    ),
                ],
                chosen,
            )}
            <span class="field__hint">
                "Only tombstones that are captured from then on. The tombstone itself stays, with its key. What a hold keeps is left, and the erasure says how much; tombstones whose key is not stored erase nothing."
            </span>
        </fieldset>
    }
    .into_any()
}

/// The button; where something would be given up, the question whether that is meant.
fn sending(echo: &Echo, action: String) -> AnyView {
    let Some(asked) = echo.told::<Asked>() else {
        return view! {
            <div class="row">
                <button type="submit" class="btn btn--primary">
                    "Save"
                </button>
            </div>
        }
        .into_any();
    };
    let lost = asked.gives_up.iter().map(|words| view! { <li>{*words}</li> }).collect_view();
    view! {
        <div role="alert">
            <Banner tone="banner--warn" icon="warn">
                <b class="strong">"Nothing is saved yet. This gives something up:"</b>
                <ul>{lost}</ul>
            </Banner>
        </div>
        <div class="row">
            <button type="submit" class="btn btn--danger-solid" name="sure" value=written(&asked.policy)>
                "Save it all the same"
            </button>
            <a class="btn btn--ghost" href=action rel="external">
                "Discard"
            </a>
        </div>
    }
    .into_any()
}
