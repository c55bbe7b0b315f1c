use leptos::prelude::*;
use weir_domain::access::people::AccountShown;

pub(super) fn password(account: &AccountShown) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="password">
            <div class="panel__head">
                <h2 class="panel__title" id="password">
                    "Password"
                </h2>
                <span class="panel__note">"a new one ends every other session of yours"</span>
            </div>
            <form method="post" action="/account/password" class="panel__body stack stack--lg">
                // For what keeps passwords: whose this is.
                <input type="text" class="vh" autocomplete="username" value=account.login.clone() tabindex="-1" aria-hidden="true" readonly />
                <div class="pair">
                    {field("present_password", "Present password", "current-password", 1, "")}
                    {field(
                        "new_password",
                        "New password",
                        "new-password",
                        12,
                        "At least 12 characters; a few words that mean something only to you are good.",
                    )}
                </div>
                <div>
                    <button type="submit" class="btn">
                        "Change the password"
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn field(name: &'static str, label: &'static str, autocomplete: &'static str, min: u32, hint: &'static str) -> AnyView {
    let hint_id = format!("{name}-hint");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                type="password"
                autocomplete=autocomplete
                required
                minlength=min
                maxlength="1024"
                aria-describedby=hint_id.clone()
            />
            <span class="field__hint" id=hint_id>
                {hint}
            </span>
        </div>
    }
    .into_any()
}
