//! Moving a group's positions: where to, what that would mean, and then, only then, doing it.

use super::words::{kind, state};
use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, Echo, failure, one_of},
    events::{Place, line, visible::plain},
    ui::{Banner, ErrorPanel, format},
};
use leptos::prelude::*;
use weir_domain::{
    CaseError, EventId, Timestamp,
    lag::{GroupShown, Planned, ResetPlan, ResetTo, ResetWanted},
};

/// What is asked for, as the address or a form says it.
struct Asked {
    on: String,
    partitions: String,
    to: String,
    at: String,
    by: String,
    position: String,
}

impl Asked {
    fn of(value: impl Fn(&str) -> String) -> Self {
        Self {
            on: value("on"),
            partitions: value("partitions"),
            to: value("to"),
            at: value("at"),
            by: value("by"),
            position: value("position"),
        }
    }
}

/// Reads what a form or an address asks for; `None`: nothing yet.
///
/// # Errors
/// What is wrong with it, and what may be written.
pub fn wanted(value: impl Fn(&str) -> String) -> Result<Option<ResetWanted>, CaseError> {
    let asked = Asked::of(value);
    let invalid =
        |what: &str, what_to_do: &str| CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() };
    let to = match asked.to.as_str() {
        "" => return Ok(None),
        "earliest" => ResetTo::Earliest,
        "latest" => ResetTo::Latest,
        "time" => ResetTo::Time { at: time(&asked.at)? },
        "shift" => {
            let by = asked.by.replace([',', ' '], "").parse();
            ResetTo::Shift {
                by: by.map_err(|_| invalid("How far is no whole number.", "Write for example -1000 or 250."))?,
            }
        }
        "position" => {
            let position = asked.position.replace([',', ' '], "").parse();
            ResetTo::Position {
                position: position
                    .map_err(|_| invalid("The position is no whole number.", "Write it as the events page has it."))?,
            }
        }
        _ => return Err(invalid("Where to is not known.", "Choose one of the places.")),
    };
    let partitions = numbers(&asked.partitions).ok_or_else(|| {
        invalid(
            "The partitions can't be read.",
            "Write numbers and ranges, for example 0, 3, 7-9; or leave it empty for all.",
        )
    })?;
    if matches!(to, ResetTo::Position { .. }) && partitions.as_ref().is_none_or(|p| p.len() != 1) {
        return Err(invalid("A position is of one partition.", "Name the one partition that it is of."));
    }
    Ok(Some(ResetWanted { channel: asked.on, partitions, to }))
}

fn time(text: &str) -> Result<Timestamp, CaseError> {
    // As `datetime-local` sends it, in UTC. A time that is said in full needs no clock.
    let place = Place { from: Some(text.to_owned()), ..Place::default() };
    let known = place.range(Timestamp::EPOCH).ok().and_then(|range| range.from);
    known.filter(|_| text.starts_with(|c: char| c.is_ascii_digit())).ok_or_else(|| CaseError::Invalid {
        what: "The time can't be read.".into(),
        what_to_do: "Choose a day and a time in UTC.".into(),
    })
}

/// `0, 3, 7-9`; `Some(None)`: all.
fn numbers(text: &str) -> Option<Option<Vec<i32>>> {
    const MOST: usize = 10_000;
    if text.trim().is_empty() {
        return Some(None);
    }
    let mut all = Vec::new();
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (from, to) = part.split_once(['-', '–']).unwrap_or((part, part));
        let (from, to): (i32, i32) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        if from < 0 || to < from || usize::try_from(to - from).ok()? + all.len() >= MOST {
            return None;
        }
        all.extend(from..=to);
    }
    all.sort_unstable();
    all.dedup();
    (!all.is_empty()).then_some(Some(all))
}

/// The page at `/lag/{id}/reset`; with `?event=` where that event is.
pub(crate) async fn reset(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    const TITLE: &str = "Reset offsets";
    let Ok(id) = id.parse() else { return drawn::page("Not found", crate::help::not_found) };
    let echo = Echo::here();
    let asked = async {
        let caller = cx.caller_in(address.environment())?;
        let Some(shown) = cx.told(cx.cases.lag.group(&caller, id).await)? else { return Ok(None) };
        let event = match address.given("event").and_then(|e| e.parse::<EventId>().ok()) {
            Some(event) => cx.told(cx.cases.events.detail(&caller, event).await)?,
            None => None,
        };
        let event = event.map(|e| (e.row.channel_name.clone(), e.row.partition_number, e.row.id.position.0));
        let value = |name: &str| {
            let typed = echo.typed(name).map(str::to_owned);
            let of_event = event.as_ref().and_then(|(channel, partition, position)| match name {
                "on" => Some(channel.clone()),
                "partitions" => Some(partition.to_string()),
                "to" => Some("position".to_owned()),
                "position" => Some(position.to_string()),
                _ => None,
            });
            typed.or(of_event).unwrap_or_else(|| address.value(name).to_owned())
        };
        let first = || shown.channels.first().map(|c| c.standing.channel.clone()).unwrap_or_default();
        let with_channel = |name: &str| {
            let found = value(name);
            if name == "on" && found.is_empty() { first() } else { found }
        };
        let asked = Asked::of(with_channel);
        let plan = match wanted(with_channel) {
            Ok(None) => Ok(None),
            Ok(Some(wanted)) => cx.told(cx.cases.lag.plan(&caller, id, &wanted).await),
            Err(wrong) => cx.told(Err(wrong)),
        };
        Ok::<_, Failure>(Some((shown, asked, plan)))
    };
    match asked.await {
        Err(failure) => drawn::not_known(TITLE, failure),
        Ok(None) => drawn::page("Not found", crate::help::not_found),
        Ok(Some((shown, asked, plan))) => drawn::page(TITLE, || page(&shown, &asked, &plan, &echo)),
    }
}

fn page(shown: &GroupShown, asked: &Asked, plan: &Result<Option<ResetPlan>, Failure>, echo: &Echo) -> AnyView {
    let g = &shown.group;
    let sub = view! {
        "of "
        <a class="mono" href=format!("/lag/{}", g.id)>
            {line(&g.name)}
        </a>
        {format!(", {}, {}, on {} ({})", kind(g.kind), state(g.state), plain(&g.source_name), plain(&g.environment_name))}
    };
    let planned = match plan {
        Err(failure) => view! { <section class="panel"><ErrorPanel failure=failure.clone() /></section> }.into_any(),
        Ok(None) => ().into_any(),
        Ok(Some(plan)) => preview(shown, asked, plan),
    };
    view! {
        <div class="page lag">
            <div class="page__head">
                <h1 class="page__title">"Reset offsets"</h1>
                <span class="page__sub">{sub}</span>
            </div>
            {failure(echo)} {form(shown, asked)} {planned} {delete(shown)}
        </div>
    }
    .into_any()
}

fn form(shown: &GroupShown, asked: &Asked) -> AnyView {
    let places = [
        ("earliest", "Earliest", "everything that is still there is read again"),
        ("latest", "Latest", "everything that is unread is skipped"),
        ("time", "A time", "the first event at or after it"),
        ("shift", "By so many", "ahead, or back with a minus"),
        ("position", "A position", "of one partition: an event found in a search"),
    ];
    let channels = shown.channels.iter().map(|c| {
        let name = c.standing.channel.clone();
        let here = name == asked.on;
        view! {
            <option value=name.clone() selected=here>
                {line(&name)}
            </option>
        }
    });
    view! {
        <section class="panel" aria-label="Where to">
            <form class="panel__body stack" method="get" action=format!("/lag/{}/reset", shown.group.id)>
                <div class="pair">
                    <div class="field">
                        <label for="reset-on">"Channel"</label>
                        <select class="input" id="reset-on" name="on">
                            {channels.collect_view()}
                        </select>
                    </div>
                    <div class="field">
                        <label for="reset-partitions">"Partitions"</label>
                        <input
                            class="input"
                            id="reset-partitions"
                            name="partitions"
                            value=asked.partitions.clone()
                            maxlength="500"
                            placeholder="all, or for example 0, 3, 7-9"
                            autocomplete="off"
                        />
                    </div>
                </div>
                <fieldset class="field fieldset">
                    <legend class="field__label">"Move to"</legend>
                    {one_of("to", &places, &asked.to)}
                </fieldset>
                <div class="pair">
                    <div class="field">
                        <label for="reset-at">"Time (UTC), for a time"</label>
                        <input class="input" id="reset-at" name="at" type="datetime-local" step="1" value=asked.at.clone() />
                    </div>
                    <div class="field">
                        <label for="reset-by">"How many, for a shift"</label>
                        <input class="input" id="reset-by" name="by" value=asked.by.clone() maxlength="30" inputmode="numeric" autocomplete="off" />
                    </div>
                    <div class="field">
                        <label for="reset-position">"Position, for a position"</label>
                        <input class="input" id="reset-position" name="position" value=asked.position.clone() maxlength="30" inputmode="numeric" autocomplete="off" />
                    </div>
                </div>
                <div>
                    <button class="btn btn--primary" type="submit">
                        "Preview"
                    </button>
                    <span class="small muted">" Nothing is moved yet."</span>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn preview(shown: &GroupShown, asked: &Asked, plan: &ResetPlan) -> AnyView {
    let moves: Vec<_> = plan.moves().collect();
    let row = |p: &Planned| {
        let position = |at: Option<i64>| at.map_or_else(|| format::UNKNOWN.to_owned(), format::exact_signed);
        let what = match (&p.why, p.again, p.skipped) {
            (Some(why), ..) => plain(why).to_string(),
            (None, 0, 0) if p.from == p.to => "stays where it is".to_owned(),
            (None, 0, 0) => "had no position before".to_owned(),
            (None, again, 0) => format!("{} read again", format::count(again, "event is", "events are")),
            (None, _, skipped) => format!("{} skipped", format::count(skipped, "event is", "events are")),
        };
        view! {
            <tr>
                <th scope="row" class="num">{p.partition}</th>
                <td class="num">{position(p.from)}</td>
                <td class="num">{position(p.to)}</td>
                <td>{what}</td>
            </tr>
        }
    };
    let summary = match (plan.again(), plan.skipped()) {
        _ if moves.is_empty() => "Nothing would be moved.".to_owned(),
        (0, 0) => format!("{} moved.", format::count(moves.len() as u64, "partition is", "partitions are")),
        (again, skipped) => {
            let again =
                (again > 0).then(|| format!("up to {} read again", format::count(again, "event is", "events are")));
            let skipped =
                (skipped > 0).then(|| format!("up to {} never read", format::count(skipped, "event is", "events are")));
            let both: Vec<String> = [again, skipped].into_iter().flatten().collect();
            format!(
                "{}: {}.",
                format::count(moves.len() as u64, "partition is moved", "partitions are moved"),
                both.join(" and ")
            )
        }
    };
    let refused = plan.refused.as_ref().map(|r| {
        let why = format!("{} {}", plain(&r.what), r.what_to_do);
        view! {
            <Banner tone="banner--bad" icon="stop">
                <p>
                    <b>"It can't be done now. "</b>
                    {why}
                </p>
            </Banner>
        }
    });
    let confirm = (plan.refused.is_none() && !moves.is_empty()).then(|| confirm(shown, asked, plan));
    view! {
        <section class="panel" aria-label="What would happen">
            <div class="panel__head">
                <h2 class="panel__title">"What would happen"</h2>
            </div>
            <div class="panel__body stack">
                <p class="med">{summary}</p>
                {refused}
            </div>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col" class="num">"Partition"</th>
                            <th scope="col" class="num">"From"</th>
                            <th scope="col" class="num">"To"</th>
                            <th scope="col">"What it means"</th>
                        </tr>
                    </thead>
                    <tbody>{plan.planned.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            {confirm}
        </section>
    }
    .into_any()
}

/// What was looked at travels along: if it moves before it is confirmed, nothing is done.
fn confirm(shown: &GroupShown, asked: &Asked, plan: &ResetPlan) -> AnyView {
    let g = &shown.group;
    let hidden = |name: &'static str, value: &str| view! { <input type="hidden" name=name value=value.to_owned() /> };
    let seen: Vec<String> = plan
        .planned
        .iter()
        .map(|p| format!("{}:{}", p.partition, p.from.map_or_else(String::new, |f| f.to_string())))
        .collect();
    let what = format!("Move positions of {} on {}", plain(&g.name), plain(&g.environment_name));
    view! {
        <form class="panel__body row row--wrap" method="post" action=format!("/lag/{}/reset", g.id)>
            {hidden("on", &plan.channel)} {hidden("partitions", &asked.partitions)} {hidden("to", &asked.to)}
            {hidden("at", &asked.at)} {hidden("by", &asked.by)} {hidden("position", &asked.position)}
            {hidden("seen", &seen.join(","))}
            <button class="btn btn--danger" type="submit">
                {what}
            </button>
            <span class="small muted">"It can be undone from the group's page, as long as nobody has read on."</span>
        </form>
    }
    .into_any()
}

fn delete(shown: &GroupShown) -> AnyView {
    let g = &shown.group;
    if g.gone_at.is_some() {
        return ().into_any();
    }
    view! {
        <section class="panel" aria-label="Delete the group">
            <details class="panel__body">
                <summary>"Delete the group instead…"</summary>
                <form class="stack" method="post" action=format!("/lag/{}/delete", g.id)>
                    <p class="small soft">
                        "The broker forgets it with all of its positions; nothing brings them back. Consumers that start with its name afterwards begin as they are configured to: at the end, most often. It is refused while somebody is in it."
                    </p>
                    <div class="field">
                        <label for="delete-name">"Type its name"</label>
                        <input class="input" id="delete-name" name="typed" required autocomplete="off" spellcheck="false" />
                    </div>
                    <div>
                        <button class="btn btn--danger" type="submit">
                            "Delete the group"
                        </button>
                    </div>
                </form>
            </details>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<ResetWanted>, CaseError> {
        wanted(|name| pairs.iter().find(|(n, _)| *n == name).map_or(String::new(), |(_, v)| (*v).to_owned()))
    }

    #[test]
    fn what_is_typed_is_read() {
        let to = |pairs: &[(&str, &str)]| read(pairs).unwrap().unwrap();
        assert_eq!(read(&[("on", "c")]).unwrap(), None);
        assert_eq!(to(&[("on", "c"), ("to", "earliest")]).partitions, None);
        assert_eq!(to(&[("to", "latest"), ("partitions", "7-9, 0,3")]).partitions, Some(vec![0, 3, 7, 8, 9]));
        assert_eq!(to(&[("to", "shift"), ("by", "-1,000")]).to, ResetTo::Shift { by: -1_000 });
        let at = ResetTo::Time { at: Timestamp(1_795_357_928_000_000) };
        assert_eq!(to(&[("to", "time"), ("at", "2026-11-22T14:32:08")]).to, at);
        assert_eq!(
            to(&[("to", "position"), ("position", "42"), ("partitions", "1")]).to,
            ResetTo::Position { position: 42 }
        );
        for wrong in [
            &[("to", "elsewhere")][..],
            &[("to", "time"), ("at", "yesterday")],
            &[("to", "shift"), ("by", "")],
            &[("to", "position"), ("position", "42")],
            &[("to", "latest"), ("partitions", "9-1")],
            &[("to", "latest"), ("partitions", "0-2000000000")],
            &[("to", "latest"), ("partitions", "a")],
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
