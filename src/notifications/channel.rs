//! The channels, and whether they work.

use leptos::prelude::*;
use watchfloor_wire::notification::{ChannelState, NotificationPage};
use watchfloor_wire::status::Status;

use super::pressing::{Pressing, What, press};
use super::refusal;
use crate::remote::Remote;
use crate::ui::{Age, Button, Empty, StatusIcon};

/// All channels, in the order of the configuration.
#[component]
pub(super) fn ChannelList(
    #[prop(into)] page: Signal<Remote<NotificationPage>>,
    look: Callback<()>,
) -> impl IntoView {
    let channels = Memo::new(move |_| {
        page.with(|it| it.value().map(|it| it.channels.clone()).unwrap_or_default())
    });
    let ids = Memo::new(move |_| {
        channels.with(|all| all.iter().map(|it| it.id.clone()).collect::<Vec<_>>())
    });
    view! {
        {move || ids.with(Vec::is_empty).then(|| view! {
            <Empty text="No channel is configured, so nobody is told outside this console."/>
        })}
        <ul class="mon-channels">
            <For
                each=move || ids.get()
                key=Clone::clone
                children=move |id| {
                    let own = Memo::new(move |_| {
                        channels.with(|all| all.iter().find(|it| it.id == id).cloned())
                    });
                    view! { <Channel channel=own look=look/> }
                }
            />
        </ul>
    }
}

#[component]
fn Channel(channel: Memo<Option<ChannelState>>, look: Callback<()>) -> impl IntoView {
    let pressing = RwSignal::new(Pressing::Idle);
    let field = move |part: fn(&ChannelState) -> String| {
        channel.with(|it| it.as_ref().map(part).unwrap_or_default())
    };
    let refused = refusal();
    let test = move |()| {
        let id = channel.with_untracked(|it| it.as_ref().map(|it| it.id.clone()));
        if let Some(id) = id {
            press(What::Test(id), pressing, look);
        }
    };
    view! {
        <li class="mon-channel">
            {move || channel.get().map(|it| view! { <StatusIcon status=status(&it)/> })}
            <div class="mon-channel-words">
                <p class="mon-channel-name">
                    {move || field(|it| it.name.clone())}
                    " "
                    <span class="mon-meta">{move || field(|it| format!("{}, {}", it.kind, shown(&it.target)))}</span>
                </p>
                {move || channel.get().map(|it| history(&it))}
                <p class="mon-pressing" role="status" data-outcome=move || pressing.with(Pressing::slug)>
                    {move || pressing.with(Pressing::words)}
                </p>
            </div>
            <Button
                busy=Signal::derive(move || pressing.with(Pressing::is_locked))
                disabled_reason=refused
                on_click=test
            >
                "Send a test"
                <span class="mon-hidden-text">{move || format!(" to {}", field(|it| it.name.clone()))}</span>
            </Button>
        </li>
    }
}

fn shown(target: &str) -> &str {
    if target.is_empty() {
        "no address"
    } else {
        target
    }
}

/// The channel's own health: what happened last on it.
fn status(it: &ChannelState) -> Status {
    if !it.problem.is_empty() {
        return Status::Down;
    }
    match (it.delivered_at, it.failed_at) {
        (Some(delivered), Some(failed)) if failed > delivered => Status::Degraded,
        (Some(_), _) => Status::Ok,
        (None, Some(_)) => Status::Down,
        (None, None) => Status::Unknown,
    }
}

fn history(it: &ChannelState) -> AnyView {
    if !it.problem.is_empty() {
        let words = format!("Cannot work: {}", it.problem);
        return view! { <p class="mon-channel-failure">{words}</p> }.into_any();
    }
    let delivered = it.delivered_at.map(|at| {
        view! { <span>"Delivered "<Age at=at/></span> }
    });
    let failed = it.failed_at.map(|at| {
        let why = it.failure.clone();
        view! { <span class="mon-channel-failure">"Failed "<Age at=at/>{format!(": {why}")}</span> }
    });
    let waiting =
        (it.waiting > 0).then(|| view! { <span>{format!("{} waiting", it.waiting)}</span> });
    let never = (delivered.is_none() && failed.is_none())
        .then(|| view! { <span>"Nothing was sent yet"</span> });
    view! {
        <p class="mon-channel-history">{delivered}{failed}{waiting}{never}</p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::time::UnixMs;

    #[test]
    fn a_channel_is_as_well_as_what_happened_last_on_it() {
        let channel = |delivered: Option<i64>, failed: Option<i64>, problem: &str| ChannelState {
            id: "slack".to_owned(),
            name: "Slack".to_owned(),
            kind: "slack".to_owned(),
            target: String::new(),
            problem: problem.to_owned(),
            waiting: 0,
            delivered_at: delivered.map(UnixMs),
            failed_at: failed.map(UnixMs),
            failure: String::new(),
        };
        for (delivered, failed, problem, expected) in [
            (None, None, "", Status::Unknown),
            (Some(2), None, "", Status::Ok),
            (Some(2), Some(1), "", Status::Ok),
            (Some(1), Some(2), "", Status::Degraded),
            (None, Some(2), "", Status::Down),
            (Some(2), None, "not set", Status::Down),
        ] {
            assert_eq!(status(&channel(delivered, failed, problem)), expected);
        }
    }
}
