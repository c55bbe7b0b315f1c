use super::words::{about, gigabytes};
use crate::{
    Failure,
    drawn::{Echo, time},
    events::{line, visible::plain},
    people::default_button,
    ui::{Banner, ErrorPanel, Pill, Tone, format},
};
use leptos::prelude::*;
use weir_domain::capture::{BudgetDone, BudgetShown, BudgetStanding, BudgetTold, Fill, Forecast, GivingWay};

/// A budget that was sent and that channels have to give way for: handed by the server to the page, which asks once more.
#[derive(Debug, Clone, Copy)]
pub struct BudgetAsked {
    pub bytes: u64,
    pub used: u64,
}

/// Channels of the order, and lines of the history, that are drawn.
const ORDER: usize = 20;
const HISTORY: usize = 50;

type Found = Result<BudgetShown, Failure>;

/// Above everything, where something is about to be lost.
pub(super) fn warning(found: &Found) -> AnyView {
    let Ok(found) = found else { return ().into_any() };
    let s = &found.standing;
    let (tone, words) = match s.fill() {
        Some(Fill::Warn) => (
            "banner--warn",
            "of the store's budget are used. From 95 % on channels give up their oldest payloads. Raise the budget, or keep less of what takes most.",
        ),
        Some(Fill::Full) if s.by_metadata_alone() => (
            "banner--bad",
            "of the store's budget are used, by metadata and what holds keep alone: no channel keeps payloads any more, and nothing that is left is given up. Raise the budget, keep metadata for fewer days, or end holds.",
        ),
        Some(Fill::Full) => (
            "banner--bad",
            "of the store's budget are used. Channels give up their oldest payloads until 90 % are used, and keep metadata only where that is not enough, in the order below.",
        ),
        _ if s.withheld > 0 => (
            "banner--warn",
            "of the store's budget are used. Some channels keep metadata only; they keep payloads again one after another below 85 %.",
        ),
        _ => return ().into_any(),
    };
    let used = s.per_cent().map_or_else(|| format::UNKNOWN.to_owned(), |n| format!("{n} %"));
    view! {
        <Banner tone=tone icon="warn">
            <b class="strong">{used}</b>
            " "
            {words}
        </Banner>
    }
    .into_any()
}

/// Where processes have files that say different things.
fn differing(s: &BudgetStanding) -> Option<AnyView> {
    let said = |n: &Option<u64>| n.map_or_else(|| "none".to_owned(), format::bytes);
    let all = s.in_files.iter().map(said).collect::<Vec<_>>().join(", ");
    s.files_differ().then(|| {
        view! {
            <Banner tone="banner--warn" icon="warn">
                "Processes that run have configuration files with different budgets (" <code>"store_budget_bytes"</code> "): "
                {all} ". The least rules. Give all of them the same file."
            </Banner>
        }
        .into_any()
    })
}

pub(super) fn panel(found: &Found) -> AnyView {
    let body = match found {
        Ok(found) => view! { {figures(found)} {form(found)} }.into_any(),
        Err(failure) => view! { <ErrorPanel failure=failure.clone() /> }.into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="budget">
            <div class="panel__head">
                <h2 class="panel__title" id="budget">
                    "The store's budget"
                </h2>
                <span class="panel__note">"one for all channels"</span>
            </div>
            {body}
        </section>
    }
    .into_any()
}

fn figures(found: &BudgetShown) -> AnyView {
    let (s, o) = (&found.standing, &found.outlook);
    let budget = s.setting.bytes.map_or_else(|| "none: nothing gives way".to_owned(), format::bytes);
    let set = match (&s.setting.changed, s.setting.from_file) {
        (_, true) => " set in the configuration file".into_any(),
        (Some((at, by)), false) => {
            let by = by.as_ref().map(|by| format!(" by {}", plain(by)));
            view! { <span class="muted">" set at " {time(*at)} {by}</span> }.into_any()
        }
        (None, false) => ().into_any(),
    };
    let used = s.used.map_or_else(|| format::UNKNOWN.to_owned(), format::bytes);
    let share = s.per_cent().map(|n| format!(", {n} %"));
    let measured = s.measured_at.map(|at| view! { <span class="muted">" at " {time(at)}</span> });
    let room =
        (s.room > 0).then(|| format!("; {} more on disk are free to be written to again", format::bytes(s.room)));
    let unknown = format::count(o.unknown.into(), "channel", "channels");
    let comes_in = match (o.per_day, o.unknown) {
        (None, _) => format!("{}, it is too early to tell", format::UNKNOWN),
        (known, 0) => format!("{} a day", about(known)),
        (known, _) => format!("{} a day, without {unknown} too new to tell", about(known)),
    };
    let comes_to = match o.comes_to {
        None => format::UNKNOWN.to_owned(),
        known => format!("{}, once as much goes as comes", about(known)),
    };
    view! {
        {differing(s)}
        {bar(s)}
        <dl class="panel__body facts">
            <dt>"Budget"</dt>
            <dd>{budget} {set}</dd>
            <dt>"Used"</dt>
            <dd>{used} {share} {measured} {room}</dd>
            <dt>"Comes in"</dt>
            <dd>{comes_in}</dd>
            <dt>"Comes to"</dt>
            <dd>{comes_to}</dd>
            <dt>"Full"</dt>
            <dd>{full(found)}</dd>
        </dl>
        <details class="capture-note small muted">
            <summary>"How counted"</summary>
            <p>
                "Used: the size of all tables and indexes that hold captured events, rows and payloads, as PostgreSQL tells it, measured every minute; without the room of payloads that were given up, where it is written to again or worth giving back; tables that retention is about to drop count until they are gone. Not counted: the audit log, accounts, statistics, and PostgreSQL's own log (WAL). Comes in: payload blocks written over the last 24 hours, and metadata by what an event takes. Full: at that rate, each channel growing until its retention takes as much as comes; what is above that, and what a hold keeps, is taken to stay."
            </p>
        </details>
    }
    .into_any()
}

/// How full it is, with the marks at which something happens.
fn bar(s: &BudgetStanding) -> AnyView {
    let (Some(per_cent), Some(fill)) = (s.per_cent(), s.fill()) else { return ().into_any() };
    let class = match fill {
        Fill::Room => "budget-bar",
        Fill::Warn => "budget-bar budget-bar--warn",
        Fill::Full => "budget-bar budget-bar--bad",
    };
    let label = format!("{per_cent} % of the budget are used");
    let width = per_cent.min(100).to_string();
    view! {
        <svg class=class viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label=label>
            <rect class="budget-bar__all" width="100" height="4"></rect>
            <rect class="budget-bar__used" width=width height="4"></rect>
            <rect class="budget-bar__mark" x="80" width="0.25" height="4"></rect>
            <rect class="budget-bar__mark" x="95" width="0.25" height="4"></rect>
        </svg>
    }
    .into_any()
}

fn full(found: &BudgetShown) -> AnyView {
    match (found.outlook.forecast, found.standing.measured_at) {
        (Forecast::Now, _) => "now".into_any(),
        (Forecast::Never, _) => "not at today's rate".into_any(),
        (Forecast::In(secs), Some(at)) => {
            let days = secs / 86_400;
            let in_days = match days {
                0 => "within a day".to_owned(),
                n => format!("in {}", format::count(n, "day", "days")),
            };
            let at = at.plus_secs(i64::try_from(secs).unwrap_or(i64::MAX / 2_000_000));
            view! { {in_days} ", at today's rate: " {time(at)} }.into_any()
        }
        _ => format::UNKNOWN.into_any(),
    }
}

fn form(found: &BudgetShown) -> AnyView {
    let setting = &found.standing.setting;
    if setting.from_file {
        return view! {
            <p class="capture-note small muted">
                "The budget stands in the configuration file (" <code>"store_budget_bytes"</code> ") and is changed there."
            </p>
        }
        .into_any();
    }
    if !found.may_edit {
        let why = match found.hidden_channels {
            0 => "Changing it needs the permission capture.edit, which administrators have.".to_owned(),
            n => format!(
                "It is of all channels, and there are {}: who sees all of them may change it.",
                format::not_seen(n)
            ),
        };
        return view! { <p class="capture-note small muted">{why}</p> }.into_any();
    }
    let echo = Echo::here();
    let written = setting.bytes.map(gigabytes).unwrap_or_default();
    let typed = echo.typed("budget").map_or_else(|| written.clone(), str::to_owned);
    let seen = echo.typed("seen").map_or(written, str::to_owned);
    let sending = match echo.told::<BudgetAsked>() {
        None => view! {
            <div class="row">
                <button type="submit" class="btn btn--primary">
                    "Save"
                </button>
            </div>
        }
        .into_any(),
        Some(asked) => sure(asked),
    };
    view! {
        <form method="post" action="/capture" class="capture-note stack" autocomplete="off">
            {default_button()} <input type="hidden" name="seen" value=seen /> <div class="field">
                <label for="budget-bytes">"At most so many GB of captured events, with their indexes"</label>
                <input
                    class="input capture-budget"
                    id="budget-bytes"
                    name="budget"
                    value=typed
                    maxlength="20"
                    inputmode="decimal"
                    aria-describedby="budget-hint"
                />
                <span class="field__hint" id="budget-hint">
                    "From 80 % on people are warned. From 95 % on channels give up their oldest payloads, and then keep metadata only. What a hold keeps is never given up. Empty: no budget."
                </span>
            </div> {sending}
        </form>
    }
    .into_any()
}

fn sure(asked: &BudgetAsked) -> AnyView {
    let words = format!(
        "Nothing is saved yet. {} are used, which is 95 % of {} or more: within minutes channels give up payloads, and they can't be brought back.",
        format::bytes(asked.used),
        format::bytes(asked.bytes)
    );
    view! {
        <div role="alert">
            <Banner tone="banner--warn" icon="warn">
                {words}
            </Banner>
        </div>
        <div class="row">
            <button type="submit" class="btn btn--danger-solid" name="sure" value=gigabytes(asked.bytes)>
                "Save it all the same"
            </button>
            <a class="btn btn--ghost" href="/capture" rel="external">
                "Discard"
            </a>
        </div>
    }
    .into_any()
}

/// Who gives way first.
pub(super) fn order(found: &Found) -> AnyView {
    let Ok(found) = found else { return ().into_any() };
    if found.order.is_empty() {
        return ().into_any();
    }
    let rows = found.order.iter().take(ORDER).enumerate().map(|(n, c)| in_turn(n, c)).collect_view();
    let more = found.order.len().saturating_sub(ORDER) as u64;
    let more = (more > 0).then(|| {
        view! { <p class="capture-note small muted">{format!("{} come later.", format::count(more, "channel", "channels"))}</p> }
    });
    view! {
        <section class="panel" aria-labelledby="order">
            <div class="panel__head">
                <h2 class="panel__title" id="order">
                    "Who gives way first"
                </h2>
                <span class="panel__note">"by turn, then the largest first; what a hold keeps can't go"</span>
            </div>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col" class="num">"#"</th>
                            <th scope="col">"Channel"</th>
                            <th scope="col" class="hide-m">"Source"</th>
                            <th scope="col" class="num">"Turn"</th>
                            <th scope="col" class="num">"Payloads that can go"</th>
                            <th scope="col">"Now"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {more}
        </section>
    }
    .into_any()
}

fn in_turn(n: usize, c: &GivingWay) -> AnyView {
    let now = match c.withheld {
        None => "as its policy says".into_any(),
        Some(since) => {
            view! { <Pill tone=Tone::Bad icon="warn" text="metadata only" /> " since " {time(since)} }.into_any()
        }
    };
    let held = (c.held_bytes > 0)
        .then(|| view! { <span class="muted">{format!("; {} are held", format::bytes(c.held_bytes))}</span> });
    view! {
        <tr>
            <td class="num">{(n + 1).to_string()}</td>
            <th scope="row" class="mono">
                <a href=format!("/channels/{}/capture", c.channel)>{line(&c.name)}</a>
            </th>
            <td class="hide-m">{line(&c.source_name)}</td>
            <td class="num">{c.turn.to_string()}</td>
            <td class="num">{format::bytes(c.payload_bytes)} {held}</td>
            <td>{now}</td>
        </tr>
    }
    .into_any()
}

/// What was done about it.
pub(super) fn history(found: &Found) -> AnyView {
    let Ok(found) = found else { return ().into_any() };
    if found.history.is_empty() {
        return ().into_any();
    }
    let rows = found.history.iter().take(HISTORY).map(told).collect_view();
    let hidden = (found.hidden_channels > 0).then(|| {
        let words =
            format!("There are {}: what was done to them is not listed.", format::not_seen(found.hidden_channels));
        view! { <p class="capture-note small muted">{words}</p> }
    });
    view! {
        <section class="panel" aria-labelledby="budget-history">
            <div class="panel__head">
                <h2 class="panel__title" id="budget-history">
                    "What was done about the budget"
                </h2>
            </div>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"When"</th>
                            <th scope="col">"What"</th>
                            <th scope="col">"Channel"</th>
                            <th scope="col" class="num">"Used"</th>
                            <th scope="col" class="num hide-m">"Budget"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {hidden}
        </section>
    }
    .into_any()
}

fn told(t: &BudgetTold) -> AnyView {
    let bytes = |n: Option<u64>| n.map_or_else(|| format::UNKNOWN.to_owned(), format::bytes);
    let what = match t.done {
        BudgetDone::Set => "Set".to_owned(),
        BudgetDone::Warned => "80 % were used".to_owned(),
        BudgetDone::Full => "95 % were used".to_owned(),
        BudgetDone::Room => "There was room again".to_owned(),
        BudgetDone::GaveUp => format!("Gave up {} of payloads", bytes(t.bytes)),
        BudgetDone::Withheld => "Metadata only from here".to_owned(),
        BudgetDone::Restored => "Payloads kept again".to_owned(),
    };
    let channel = match &t.channel {
        Some((id, name)) => {
            view! { <a class="mono" href=format!("/channels/{id}/capture")>{line(name)}</a> }.into_any()
        }
        None => view! { <span class="muted">"all"</span> }.into_any(),
    };
    let budget = t.budget.map_or_else(|| "none".to_owned(), format::bytes);
    view! {
        <tr>
            <td class="nowrap">{time(t.at)}</td>
            <td>{what}</td>
            <td>{channel}</td>
            <td class="num">{bytes(t.used)}</td>
            <td class="num hide-m">{budget}</td>
        </tr>
    }
    .into_any()
}
