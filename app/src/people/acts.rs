use crate::ui::format;
use leptos::prelude::*;
use weir_domain::access::people::{PersonDetail, PersonState};

/// What can be done about the person as they stand.
pub(super) fn acts(detail: &PersonDetail) -> AnyView {
    let p = &detail.person;
    let sessions = format::count(p.sessions.into(), "session", "sessions");
    let reset = Act {
        path: "reset",
        button: "Make a link for a new password",
        sure: None,
        words: format!("For a lost password. The present one stops working at once, and {sessions} of theirs end."),
    };
    let again = Act {
        path: "reset",
        button: "Make a new link",
        sure: None,
        words: "A fresh one, good for three days. The link before leads nowhere from then on.".into(),
    };
    let deactivate = Act {
        path: "deactivate",
        button: "Deactivate",
        sure: Some("Deactivate now"),
        words: "They are signed out everywhere and can't sign in; open pages go quiet within 30 s. Roles and grants are kept."
            .into(),
    };
    let acts = match p.state {
        PersonState::Active if detail.own => vec![deactivate],
        PersonState::Active => vec![reset, deactivate],
        PersonState::Resetting => vec![again, deactivate],
        PersonState::Invited => vec![
            again,
            Act {
                path: "revoke",
                button: "Take the invitation back",
                sure: Some("Take it back now"),
                words: "Its link leads nowhere from then on, and nothing of the invitation stays.".into(),
            },
        ],
        PersonState::Deactivated => vec![Act {
            path: "reactivate",
            button: "Reactivate",
            sure: None,
            words: "They can sign in again, with the roles and grants above.".into(),
        }],
    };
    let each = acts.into_iter().map(|act| act.draw(&p.id.0)).collect::<Vec<_>>();
    view! {
        <section class="panel" aria-labelledby="account">
            <div class="panel__head">
                <h2 class="panel__title" id="account">
                    "Account"
                </h2>
            </div>
            <ul class="acts">{each}</ul>
        </section>
    }
    .into_any()
}

struct Act {
    path: &'static str,
    button: &'static str,
    /// What the second button says, for what can't be taken back at once.
    sure: Option<&'static str>,
    words: String,
}

impl Act {
    fn draw(self, person: &str) -> AnyView {
        let (words, button) = (self.words, self.button);
        let form = |class: &'static str, text: String| {
            view! {
                <form method="post" action=format!("/people/{person}/{}", self.path)>
                    <button type="submit" class=class>
                        {text}
                    </button>
                </form>
            }
        };
        let act = match self.sure {
            None => form("btn", button.to_owned()).into_any(),
            // Opening it is the question whether one means it.
            Some(sure) => view! {
                <details class="sure">
                    <summary class="btn btn--danger">{format!("{button}\u{2026}")}</summary>
                    {form("btn btn--danger-solid", sure.to_owned())}
                </details>
            }
            .into_any(),
        };
        view! {
            <li>
                <p class="soft">{words}</p>
                {act}
            </li>
        }
        .into_any()
    }
}
