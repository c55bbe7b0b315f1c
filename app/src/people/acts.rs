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
        class: "btn",
        words: format!("For a lost password. The present one stops working at once, and {sessions} of theirs end."),
    };
    let again = Act {
        path: "reset",
        button: "Make a new link",
        class: "btn",
        words: "A fresh one, good for three days. The link before leads nowhere from then on.".into(),
    };
    let deactivate = Act {
        path: "deactivate",
        button: "Deactivate",
        class: "btn btn--danger",
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
                class: "btn btn--danger",
                words: "Its link leads nowhere from then on, and nothing of the invitation stays.".into(),
            },
        ],
        PersonState::Deactivated => vec![Act {
            path: "reactivate",
            button: "Reactivate",
            class: "btn",
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
    class: &'static str,
    words: String,
}

impl Act {
    fn draw(self, person: &str) -> AnyView {
        view! {
            <li>
                <p class="soft">{self.words}</p>
                <form method="post" action=format!("/people/{person}/{}", self.path)>
                    <button type="submit" class=self.class>
                        {self.button}
                    </button>
                </form>
            </li>
        }
        .into_any()
    }
}
