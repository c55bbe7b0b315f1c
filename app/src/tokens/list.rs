use super::words;
use crate::{
    drawn,
    ui::{Empty, Pill, Tone},
};
use leptos::prelude::*;
use weir_domain::{Timestamp, tokens::TokenShown};

/// Those there are, and the way to end each.
pub(super) fn list(all: &[TokenShown], now: Timestamp) -> AnyView {
    if all.is_empty() {
        return view! {
            <section class="panel" aria-label="Your tokens">
                <Empty title="You have no access token">
                    <p>"Make one below for each program, so that each can be revoked by itself."</p>
                </Empty>
            </section>
        }
        .into_any();
    }
    let rows = all.iter().map(|token| row(token, now)).collect_view();
    view! {
        <section class="panel" aria-label="Your tokens">
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th>"Name"</th>
                            <th>"Roles"</th>
                            <th>"Expires"</th>
                            <th>"Last used"</th>
                            <th>
                                <span class="vh">"Revoke"</span>
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

fn row(token: &TokenShown, now: Timestamp) -> AnyView {
    let roles: Vec<_> = token.roles.iter().map(|r| r.as_str()).collect();
    let ended = token.expires <= now;
    let soon = !ended && token.expires < now.plus_secs(7 * 86_400);
    let end = words::relative(token.expires, now);
    let end = match (ended, soon) {
        (true, _) => view! { <Pill tone=Tone::Idle icon="clock" text=format!("expired {end}") /> }.into_any(),
        (_, true) => view! { <Pill tone=Tone::Warn icon="clock" text=end /> }.into_any(),
        _ => end.into_any(),
    };
    let last = match token.last_used {
        Some(at) => drawn::time(at),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="wrap">{token.name.clone()}</th>
            <td class="wrap">{roles.join(", ")}</td>
            <td>
                <div class="cell2">
                    <span>{end}</span>
                    {drawn::time(token.expires)}
                </div>
            </td>
            <td>{last}</td>
            <td class="num">
                // Opening it is the question whether one means it.
                <details class="sure">
                    <summary class="btn btn--sm">"Revoke…"</summary>
                    <form method="post" action="/account/tokens/revoke">
                        <input type="hidden" name="id" value=token.id.0.clone() />
                        <button type="submit" class="btn btn--sm btn--danger-solid">
                            "Revoke it now"
                        </button>
                    </form>
                </details>
            </td>
        </tr>
    }
    .into_any()
}
