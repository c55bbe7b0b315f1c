use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, Echo, time},
    events::visible,
    help,
    ui::{ErrorPanel, format},
};
use leptos::prelude::*;
use weir_cases::backfill::Listed;
use weir_domain::{
    SourceId,
    backfill::{Backfill, FillState, Fillable},
};

const DONE: &[(&str, &str)] = &[
    ("started", "It is being filled."),
    ("paused", "It stands still. It goes on where it stands."),
    ("stopped", "It is stopped. What was filled stays."),
];

/// `/sources/{id}/backfill`: what lies before capture and is filled, or could be; `part=1` on the source's page.
pub(crate) async fn backfill(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let part = address.given("part").is_some();
    let answer = match id.parse::<SourceId>() {
        Ok(id) => asked(cx, id, address).await.map(|found| found.map(|listed| (id, listed))),
        Err(_) => Ok(None),
    };
    drawn::page("Before capture", || match answer {
        Ok(Some((id, listed))) if part => brief(id, &listed),
        Ok(Some((id, listed))) => whole(id, &listed, address),
        Ok(None) => help::not_found(),
        Err(failure) => view! { <ErrorPanel failure /> }.into_any(),
    })
}

async fn asked(cx: &RequestContext, id: SourceId, address: &Address) -> Result<Option<Listed>, Failure> {
    let caller = cx.caller_in(address.environment())?;
    cx.told(cx.cases.backfill.list(&caller, id).await)
}

/// One line on the source's page; nothing where there is nothing to tell.
fn brief(id: SourceId, listed: &Listed) -> AnyView {
    let running = listed.backfills.iter().filter(|b| b.state == FillState::Running).count();
    let words = match (running, listed.fillable.len(), listed.backfills.len()) {
        (0, 0, 0) => return ().into_any(),
        (0, 0, _) => "What lay before capture was filled.".to_owned(),
        (0, 1, _) => "1 channel has events from before capture began, as far as the broker keeps them.".to_owned(),
        (0, n, _) => format!("{n} channels have events from before capture began, as far as the broker keeps them."),
        (1, ..) => "1 channel is being filled with events from before capture began.".to_owned(),
        (n, ..) => format!("{n} channels are being filled with events from before capture began."),
    };
    view! {
        <p class="small muted">
            {words} " " <a href=format!("/sources/{id}/backfill")>"Before capture"</a>
        </p>
    }
    .into_any()
}

fn whole(id: SourceId, listed: &Listed, address: &Address) -> AnyView {
    let back = view! {
        <a class="btn btn--ghost btn--sm" href=format!("/sources/{id}")>
            "The source"
        </a>
    };
    let quiet = listed.backfills.is_empty() && listed.fillable.is_empty();
    let nothing = quiet.then(|| {
        view! {
            <section class="panel">
                <p class="quiet">"Capture has every channel from the first position there was: nothing lies before."</p>
            </section>
        }
    });
    view! {
        <div class="page">
            {drawn::head("Before capture", "times in UTC", back.into_any())} {drawn::failure(&Echo::here())}
            {drawn::done(address, DONE)} {nothing} {filled(id, listed)} {fillable(id, listed)} {contents(listed)}
        </div>
    }
    .into_any()
}

fn filled(id: SourceId, listed: &Listed) -> AnyView {
    if listed.backfills.is_empty() {
        return ().into_any();
    }
    let lines = listed.backfills.iter().map(|b| line(id, b, listed.may_edit)).collect_view();
    view! {
        <section class="panel" aria-label="Filled">
            <div class="panel__head">
                <h2 class="panel__title">"Filled"</h2>
                <span class="panel__note">"each event once, at its own time"</span>
            </div>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Channel"</th>
                            <th scope="col">"State"</th>
                            <th scope="col" class="num">
                                "Positions left"
                            </th>
                            <th scope="col" class="num">
                                "Events"
                            </th>
                            <th scope="col">"Asked for"</th>
                            <th scope="col">
                                <span class="vh">"Change"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// Positions that are still to be filled.
fn left(backfill: &Backfill) -> u64 {
    backfill.parts.iter().map(|p| u64::try_from(p.to.0.saturating_sub(p.done.0)).unwrap_or(0)).sum()
}

/// About how long it goes on, by what its events had so far.
fn time_left(backfill: &Backfill) -> Option<String> {
    let each = backfill.raw_bytes.checked_div(backfill.events)?;
    let seconds = left(backfill).saturating_mul(each).checked_div(backfill.bytes_per_s)?;
    Some(match seconds {
        0..60 => "less than a minute left".into(),
        s @ 60..7_200 => format!("about {} min left", s / 60),
        s => format!("about {} h left", format::exact(s / 3_600)),
    })
}

pub(super) const fn pill(state: FillState) -> (&'static str, &'static str) {
    match state {
        FillState::Running => ("pill pill--info", "RUNNING"),
        FillState::Paused => ("pill pill--warn", "PAUSED"),
        FillState::Stopped => ("pill", "STOPPED"),
        FillState::Done => ("pill pill--ok", "DONE"),
        FillState::Failed => ("pill pill--bad", "FAILED"),
    }
}

/// Megabytes a second, as the forms count them.
#[expect(clippy::cast_precision_loss, reason = "a figure of a form; f64 is exact far beyond")]
pub(super) fn rate_shown(bytes_per_s: u64) -> String {
    format!("{}", bytes_per_s as f64 / 1e6)
}

fn line(id: SourceId, backfill: &Backfill, may_edit: bool) -> AnyView {
    let (tone, word) = pill(backfill.state);
    let running = backfill.state == FillState::Running;
    let rest = running.then(|| time_left(backfill)).flatten();
    let rate = running.then(|| format!("at most {}/s", format::bytes(backfill.bytes_per_s)));
    let by = backfill.asked_by.as_deref().unwrap_or("somebody whose account is gone").to_owned();
    view! {
        <tr>
            <th scope="row" class="mono trunc">
                {visible::plain(&backfill.name)}
            </th>
            <td>
                <span class=tone>{word}</span>
                " "
                <span class="small muted">{rate} " " {rest} " " {backfill.reason.clone()}</span>
            </td>
            <td class="num">{format::exact(left(backfill))}</td>
            <td class="num">{format::exact(backfill.events)}</td>
            <td class="small">{time(backfill.asked_at)} " by " {visible::plain(&by)}</td>
            <td>{may_edit.then(|| acts(id, backfill))}</td>
        </tr>
    }
    .into_any()
}

fn acts(id: SourceId, backfill: &Backfill) -> AnyView {
    let channel = backfill.channel.to_string();
    let button = |path: &'static str, label: &'static str, more: Option<AnyView>| {
        view! {
            <form method="post" action=format!("/sources/{id}/backfill{path}")>
                <input type="hidden" name="channel" value=channel.clone() />
                {more}
                <button type="submit" class="btn btn--sm" aria-label=format!("{label}: {}", backfill.name)>
                    {label}
                </button>
            </form>
        }
        .into_any()
    };
    let rate = rate_shown(backfill.bytes_per_s);
    let at = || Some(view! { <input type="hidden" name="rate" value=rate.clone() /> }.into_any());
    let buttons = match backfill.state {
        FillState::Running => vec![button("/pause", "Pause", None), button("/stop", "Stop", None)],
        FillState::Paused => vec![button("", "Resume", at()), button("/stop", "Stop", None)],
        FillState::Stopped | FillState::Failed => vec![button("", "Go on", at())],
        FillState::Done => Vec::new(),
    };
    view! { <div class="row">{buttons}</div> }.into_any()
}

/// Ranges whose content is filled; each has its own page.
fn contents(listed: &Listed) -> AnyView {
    if listed.contents.is_empty() {
        return ().into_any();
    }
    let lines = listed.contents.iter().map(|fill| {
        let (tone, word) = pill(fill.state);
        view! {
            <tr>
                <th scope="row" class="mono trunc">
                    <a href=format!("/channels/{}/content", fill.channel)>{visible::plain(&fill.name)}</a>
                </th>
                <td>
                    <span class=tone>{word}</span>
                </td>
                <td class="small">{time(fill.times.from)} " to " {time(fill.times.to)}</td>
                <td class="num">{format::exact(fill.done.events)}</td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    view! {
        <section class="panel" aria-label="Content filled">
            <div class="panel__head">
                <h2 class="panel__title">"Content filled"</h2>
                <span class="panel__note">"of events that were stored without it"</span>
            </div>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Channel"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Range"</th>
                            <th scope="col" class="num">
                                "Events"
                            </th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn fillable(id: SourceId, listed: &Listed) -> AnyView {
    if listed.fillable.is_empty() {
        return ().into_any();
    }
    let lines = listed.fillable.iter().map(|f| candidate(id, f, listed.may_edit)).collect_view();
    view! {
        <section class="panel" aria-label="Could be filled">
            <div class="panel__head">
                <h2 class="panel__title">"Could be filled"</h2>
                <span class="panel__note">"from the broker's first event to the first that is stored"</span>
            </div>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Channel"</th>
                            <th scope="col" class="num">
                                "Positions before capture"
                            </th>
                            <th scope="col" class="num">
                                "About"
                            </th>
                            <th scope="col">
                                <span class="vh">"Fill"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
            <p class="panel__body small muted">
                "The broker may have deleted some of them: what it still has is read, oldest first, each event once. They appear \
                 in searches at their own time, and in a live tail as they come. Reading stays within the part of the source's \
                 cap that is for reads beside capture, and retention counts from now."
            </p>
        </section>
    }
    .into_any()
}

fn candidate(id: SourceId, channel: &Fillable, may_edit: bool) -> AnyView {
    let about = channel.bytes_each.map(|each| format::bytes(each.saturating_mul(channel.positions)));
    let form = may_edit.then(|| {
        view! {
            <form method="post" action=format!("/sources/{id}/backfill") class="fill">
                <input type="hidden" name="channel" value=channel.channel.to_string() />
                <label class="small">
                    "MB/s "
                    <input class="input" name="rate" value="1" inputmode="decimal" size="4" required />
                </label>
                <button type="submit" class="btn btn--sm" aria-label=format!("Fill {}", channel.name)>
                    "Fill"
                </button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row" class="mono trunc">
                {visible::plain(&channel.name)}
            </th>
            <td class="num">{format::exact(channel.positions)}</td>
            <td class="num">{about.unwrap_or_else(|| "–".to_owned())}</td>
            <td>{form}</td>
        </tr>
    }
    .into_any()
}
