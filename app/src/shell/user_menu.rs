use super::{
    me::Me,
    preferences::{Theme, use_preferences},
};
use crate::ui::{Icon, format, varying};
use leptos::prelude::*;

/// Who is signed in, the theme, and the way out. A popover: it opens without a script.
#[component]
pub(super) fn UserMenu(me: Me) -> impl IntoView {
    let avatar = me.show(|me| {
        view! {
            <span class="row">
                <b class="avatar" aria-hidden="true">
                    {initials(&me.name)}
                </b>
                <span class="rail__name trunc">{me.name}</span>
            </span>
        }
        .into_any()
    });
    let who = me.show(|me| {
        view! {
            <p class="menu__who">
                <b class="strong">{me.name}</b>
                <span class="mono muted">{me.login}</span>
                <span class="muted">{format!("Roles: {}", me.roles.join(", "))}</span>
            </p>
        }
        .into_any()
    });
    view! {
        <button type="button" class="rail__link rail__me" popovertarget="user-menu">
            {avatar}
            <span class="vh">"You and your settings"</span>
        </button>
        <div class="menu menu--user" id="user-menu" popover="auto">
            {who}
            <ThemeChoice />
            // Loads the page anew, which closes the menu.
            <a class="menu__item" href="/account" rel="external">
                <Icon name="people" />
                "Your account"
            </a>
            <a class="menu__item" href="/account/tokens" rel="external">
                <Icon name="lock" />
                "Access tokens"
            </a>
            <form method="post" action="/sign-out">
                <button type="submit" class="menu__item">
                    <Icon name="out" />
                    "Sign out"
                </button>
            </form>
        </div>
    }
    .into_any()
}

/// System, light or dark.
#[component]
fn ThemeChoice() -> impl IntoView {
    use_preferences().map(|p| {
        let buttons = Theme::ALL
            .into_iter()
            .map(|theme| {
                let pressed = move || if p.theme.get() == theme { "true" } else { "false" };
                view! {
                    <button type="button" aria-pressed=varying(pressed) on:click=move |_| p.choose_theme(theme)>
                        <Icon name=theme.icon() small=true />
                        {theme.label()}
                    </button>
                }
            })
            .collect_view();
        view! {
            <div class="menu__row needs-script">
                <div class="seg" role="group" aria-label="Theme">
                    {buttons}
                </div>
                <label class="switch">
                    <input
                        type="checkbox"
                        prop:checked=varying(move || p.single_keys.get())
                        on:change=move |e| p.choose_single_keys(event_target_checked(&e))
                    />
                    "Single keys act"
                </label>
            </div>
        }
    })
}

/// First letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|w| w.chars().next());
    let last = words.next_back().and_then(|w| w.chars().next());
    format::upper_case(&[first, last].into_iter().flatten().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_names() {
        assert_eq!(initials("Mara Lindqvist"), "ML");
        assert_eq!(initials("ana maria de souza"), "AS");
        assert_eq!(initials("Cher"), "C");
        assert_eq!(initials(""), "");
    }
}
