use crate::drawn::time;
use leptos::prelude::*;
use weir_domain::access::people::SessionShown;

/// Where one is signed in, each with the way to end it.
pub(super) fn sessions(sessions: &[SessionShown]) -> AnyView {
    let rows = sessions.iter().map(row).collect::<Vec<_>>();
    let others = sessions.iter().any(|s| !s.present).then(|| {
        view! {
            <form method="post" action="/account/sessions" class="push">
                <button type="submit" class="btn btn--sm" name="session" value="others">
                    "End all others"
                </button>
            </form>
        }
    });
    view! {
        <section class="panel" aria-labelledby="sessions">
            <div class="panel__head">
                <h2 class="panel__title" id="sessions">
                    "Sessions"
                </h2>
                <span class="panel__note">"where you are signed in; each ends by itself after a day"</span>
                {others}
            </div>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Signed in, UTC"</th>
                            <th scope="col">"Last seen"</th>
                            <th scope="col" class="hide-m">"Ends"</th>
                            <th scope="col">
                                <span class="vh">"Acts"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(s: &SessionShown) -> AnyView {
    let act = if s.present {
        view! { <span class="tag tag--accent">"this one"</span> }.into_any()
    } else {
        view! {
            <form method="post" action="/account/sessions">
                <button type="submit" class="btn btn--sm" name="session" value=s.id.to_string()>
                    "End"
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">{time(s.made_at)}</th>
            <td>{time(s.last_seen)}</td>
            <td class="hide-m">{time(s.expires)}</td>
            <td class="num">{act}</td>
        </tr>
    }
    .into_any()
}
