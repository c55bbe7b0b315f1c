//! What may be done with a group, and what a person says of it.

use crate::{
    drawn,
    events::{line, visible::plain},
    ui::{Icon, format},
};
use leptos::prelude::*;
use weir_domain::lag::{GroupShown, ResetDone};

pub(super) const DONE: &[(&str, &str)] = &[
    ("set", "Saved."),
    ("reset", "The positions were moved. It can be undone below, as long as nobody has read on."),
    ("undone", "The positions are where they were before."),
    ("some_moved", "Some partitions were not moved; below stands which and why."),
    ("none_moved", "Nothing was moved; below stands why."),
    ("deleted", "The broker has forgotten the group. What was observed of it stays for 90 days."),
    ("archived", "Archived: it is left out of lists, and raises no alarms."),
    ("brought_back", "It is in the lists again."),
];

pub(super) fn buttons(shown: &GroupShown) -> AnyView {
    let g = &shown.group;
    view! {
        <a class="btn btn--sm" href=format!("/alerts?group={}", g.id)>
            "Alerts"
        </a>
        <a class="btn btn--sm btn--danger" href=format!("/lag/{}/reset", g.id)>
            <Icon name="undo" small=true />
            "Reset offsets…"
        </a>
    }
    .into_any()
}

/// What is expected of it, whose it is, and whether it is shown.
pub(super) fn settings(shown: &GroupShown) -> AnyView {
    let g = &shown.group;
    let action = format!("/lag/{}/settings", g.id);
    let expectation = if g.expectation_set { g.expectation.to_string() } else { String::new() };
    let learnt = format!("Learnt from what it did: {}.", g.learnt.describe());
    let archive = if g.archived.is_some() { "Bring it back" } else { "Archive" };
    let to = if g.archived.is_some() { "0" } else { "1" };
    view! {
        <div class="panel__body stack">
            <form method="post" action=action class="form stack">
                <label class="field">
                    <span>"Expectation"</span>
                    <input class="input" name="expectation" maxlength="300" value=expectation placeholder="as learnt" aria-describedby="expectation-how" />
                    <small class="muted" id="expectation-how">
                        {learnt} " Or say it: continuous, ephemeral, retired, or when it runs in UTC, for example: daily 02:00-02:40, or: Mon, Thu 22:00-01:30; Sat 04:00-05:00. Alarms are raised for continuous groups, and for scheduled ones that did not read in their window."
                    </small>
                </label>
                <label class="field">
                    <span>"Owner"</span>
                    <input class="input" name="owner" maxlength="200" value=g.owner.clone() placeholder="team or person to be told" />
                </label>
                <label class="field">
                    <span>"Note"</span>
                    <textarea class="input" name="note" maxlength="2000" rows="3">
                        {g.note.clone()}
                    </textarea>
                </label>
                <button class="btn btn--primary" type="submit">
                    "Save"
                </button>
            </form>
            <form method="post" action=format!("/lag/{}/archive", g.id) class="row">
                <input type="hidden" name="archived" value=to />
                <button class="btn" type="submit">
                    {archive}
                </button>
                <span class="small muted">
                    "An archived group is left out of lists and raises no alarms; it is observed all the same."
                </span>
            </form>
        </div>
    }
    .into_any()
}

/// Positions that people moved, each with its way back.
pub(super) fn resets(shown: &GroupShown) -> AnyView {
    if shown.resets.is_empty() {
        return ().into_any();
    }
    let row = |r: &ResetDone| {
        let failed = r.moves.iter().filter(|m| m.problem.is_some()).count();
        let what = match (r.undoes.is_some(), failed) {
            (true, 0) => "taken back".to_owned(),
            (_, 0) => "moved".to_owned(),
            (_, n) => format!("{n} of {} not moved", r.moves.len()),
        };
        let each = r.moves.iter().take(TOLD).map(|m| {
            let from = m.from.map_or_else(|| "none".to_owned(), format::exact_signed);
            let why = m.problem.as_ref().map(|why| format!(" ({})", plain(why)));
            format!("{}: {from} → {}{}", m.partition, format::exact_signed(m.to), why.unwrap_or_default())
        });
        let mut told: Vec<String> = each.collect();
        if r.moves.len() > TOLD {
            told.push(format!("and {} more", r.moves.len() - TOLD));
        }
        let undo = match &r.undone_by {
            Some(_) => view! { <span class="muted">"taken back"</span> }.into_any(),
            None if failed == r.moves.len() => ().into_any(),
            None => view! {
                <form method="post" action=format!("/lag/{}/undo", shown.group.id)>
                    <input type="hidden" name="reset" value=r.id.clone() />
                    <button class="btn btn--sm" type="submit">
                        <Icon name="undo" small=true />
                        "Undo"
                    </button>
                </form>
            }
            .into_any(),
        };
        view! {
            <tr>
                <td>{drawn::time(r.at)}</td>
                <td>{line(r.by.as_deref().unwrap_or("somebody"))}</td>
                <td class="mono">{line(&r.channel)}</td>
                <td>{what}</td>
                <td class="lag__why">{told.join(", ")}</td>
                <td>{undo}</td>
            </tr>
        }
    };
    view! {
        <div class="tablewrap">
            <table class="table" aria-label="Positions moved by people">
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"Channel"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Positions"</th>
                        <th scope="col">
                            <span class="vh">"Undo"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{shown.resets.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Partitions of one reset that are told one by one.
const TOLD: usize = 12;
