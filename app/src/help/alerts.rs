use leptos::prelude::*;

/// Who is told of what, and how.
#[component]
pub(super) fn AlertsHelp() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="alerts">
            <div class="panel__head">
                <h2 class="panel__title" id="alerts">
                    "Alerts"
                </h2>
                <span class="panel__note">"seen with lag.see, changed with monitors.edit"</span>
            </div>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <a href="/alerts">"An alert"</a>
                        " is raised once for a group and what is the matter with it, however many partitions and channels it is about, and once for a source. It is over when it was not seen for five minutes. Its messages say whether the group's broker was healthy."
                    </li>
                    <li>
                        <a href="/alerts/rules">"Rules"</a>
                        " are on from the start: unread events lost within 4 h, STOP or STALL for 10 min, the oldest unread event over 15 min old while lag grows, a source unreachable, its groups not observed or its tap 5 min behind. They can be changed, and set differently for groups and sources by name."
                    </li>
                    <li>
                        <a href="/alerts/outlets">"Outlets"</a>
                        " are where messages go: a chat that takes Slack's webhooks, a signed webhook, PagerDuty, mail. More than ten at once become one message. What nobody takes in hand is told again after 4 h; what does not arrive is tried again for a day, what pages every five minutes, and stands on the page; what is over by then is not sent. Without an outlet nobody is told."
                    </li>
                    <li>
                        "Who takes an alert in hand keeps it from being told again; who snoozes it, until then. In a "
                        <a href="/alerts/maintenance">"maintenance window"</a>
                        " nobody is told of what it covers, and at its end of what lasts."
                    </li>
                    <li>
                        "Rules, windows and outlets speak of all groups: setting them takes a grant on everything. An alert is seen by whoever may see a channel that it is about."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}
