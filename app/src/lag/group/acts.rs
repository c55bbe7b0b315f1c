//! What may be done with a group, and what a person says of it.

use crate::ui::Icon;
use leptos::prelude::*;
use weir_domain::lag::GroupShown;

pub(super) const DONE: &[(&str, &str)] = &[
    ("set", "Saved."),
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
