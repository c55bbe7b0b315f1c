use crate::people::may;
use leptos::prelude::*;
use weir_domain::access::Role;

/// Who may what, and where.
#[component]
pub(super) fn Roles() -> impl IntoView {
    let roles = Role::ALL.iter().map(|role| {
        view! {
            <dt>{role.as_str()}</dt>
            <dd>{may(*role)}</dd>
        }
    });
    view! {
        <section class="panel" aria-labelledby="roles">
            <div class="panel__head">
                <h2 class="panel__title" id="roles">
                    "Roles and grants"
                </h2>
                <span class="panel__note">"a role says what, a grant says on which channels"</span>
            </div>
            <div class="panel__body prose">
                <p>
                    "A person may do what one of their roles allows, on the channels that one of their grants covers. A grant names an environment, a source and a pattern of channel names, each of which may be left open. What grants leave out is counted as \u{201c}channels you may not see\u{201d} and told in no other way."
                </p>
            </div>
            <dl class="panel__body meanings">{roles.collect_view()}</dl>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <b class="strong">"That an event exists, its key, its headers and its payload are four permissions. "</b>
                        "What a role keeps away is said to be hidden, can't be searched by, and names the role that shows it."
                    </li>
                    <li>
                        <b class="strong">"Administrators invite by a one-time link "</b>
                        "that is good for three days. A lost password is mended the same way. Changes hold from a person's next request on, and on open pages within 30 s."
                    </li>
                    <li>
                        <b class="strong">"Ask for access "</b>
                        "where something is kept away, or under Your account. An administrator sees it under People, and gives the role or says why not."
                    </li>
                    <li>
                        <b class="strong">"Nobody gives rights to themselves, "</b>
                        "and the last person who may edit people can be neither demoted nor deactivated. Has the only administrator lost the password? Whoever rules the server runs "
                        <code>"weir admin-link --login NAME"</code> "."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}
