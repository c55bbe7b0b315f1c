use super::words::may;
use crate::{
    drawn::Echo,
    ui::{Icon, format, time::relative},
};
use leptos::prelude::*;
use weir_domain::{Timestamp, access::people::RequestShown};

/// Who asks for a role, each with what an administrator can answer.
pub(super) fn waiting(requests: &[RequestShown], echo: &Echo, now: Timestamp) -> AnyView {
    if requests.is_empty() {
        return ().into_any();
    }
    let each = requests.iter().map(|r| request(r, echo, now)).collect::<Vec<_>>();
    view! {
        <section class="panel" aria-labelledby="requests">
            <div class="panel__head">
                <h2 class="panel__title" id="requests">
                    "Asking for access"
                </h2>
                <span class="panel__note">{format::count(requests.len() as u64, "request", "requests")}</span>
            </div>
            <ul class="asks">{each}</ul>
        </section>
    }
    .into_any()
}

fn request(r: &RequestShown, echo: &Echo, now: Timestamp) -> AnyView {
    let mine = echo.typed("request") == Some(r.id.0.as_str());
    let typed = echo.typed("word").filter(|_| mine).unwrap_or_default().to_owned();
    view! {
        <li class="ask">
            <div class="stack stack--sm">
                <p>
                    <a class="med" href=format!("/people/{}", r.person.0)>
                        {r.name.clone()}
                    </a>
                    " asks for the role "
                    <b class="strong">{r.role.as_str()}</b>
                    <span class="muted">{format!(", {}", relative(r.made_at, now))}</span>
                </p>
                <p class="small soft">{where_met(r)}</p>
                <p class="ask__reason">{r.reason.clone()}</p>
                <p class="small muted">{format!("The role {}.", may(r.role))}</p>
            </div>
            <form method="post" action="/people/answer" class="ask__form">
                <input type="hidden" name="request" value=r.id.0.clone() />
                <input
                    class="input"
                    name="word"
                    value=typed
                    maxlength="300"
                    placeholder="A word to go with it"
                    autocomplete="off"
                    aria-label=format!("A word for {}", r.name)
                />
                <button type="submit" class="btn btn--primary" name="answer" value="give">
                    <Icon name="check" small=true />
                    "Give the role"
                </button>
                <button type="submit" class="btn" name="answer" value="decline">
                    "Decline"
                </button>
            </form>
        </li>
    }
    .into_any()
}

/// What could not be done, and where.
fn where_met(r: &RequestShown) -> String {
    let needed = r.permission.map(|p| format!("needs {}", p.as_str()));
    let place = Some(&r.path).filter(|p| !p.is_empty()).map(|p| format!("on {p}"));
    [needed, place].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
