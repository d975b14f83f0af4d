//! Channels, and the products' use of them.

use super::Findings;
use super::named::Named;
use super::value::{self, Unique, listed};
use crate::config::channel::{ChannelConfig, ChannelKind, MailTls, PlainUrl};
use crate::config::gateway::{GatewayConfig, Probing};
use crate::config::place::Place;
use crate::config::product::{EscalationConfig, ProductConfig, ResponseConfig};
use crate::config::span::Span;
use crate::notify::send::{MAIL_PORTS, mail_server};
use crate::notify::template::Template;
use crate::sources::address::AddressRules;
use crate::sources::asking::tls::Trust;

/// The longest that one try may take.
const MAX_TIMEOUT: Span = Span::seconds(60);
/// The most messages a minute of one channel.
const MAX_PER_MINUTE: usize = 600;

/// Adds everything that is wrong with the gateway's channels.
pub fn check(gateway: &GatewayConfig, findings: &mut Findings<'_>) {
    let site = gateway.notifications.public_url.as_deref();
    let here = Place::root().key("notifications").key("public_url");
    findings.add_some(&here, site.and_then(value::origin));
    let mut named = Named::new("channel");
    for (index, channel) in gateway.channels.iter().enumerate() {
        let here = Place::root().key("channel").index(index);
        let id = (channel.id.as_str(), value::id(&channel.id, "channel"));
        named.see(id, &channel.name, &here, findings);
        one(channel, gateway, &here, findings);
    }
}

fn one(
    channel: &ChannelConfig,
    gateway: &GatewayConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    for (key, name) in [
        ("url_env", &channel.url_env),
        ("secret_env", &channel.secret_env),
        ("password_env", &channel.password_env),
    ] {
        let wrong = name.as_deref().and_then(value::variable);
        findings.add_some(&here.key(key), wrong);
    }
    for (key, template) in [("title", &channel.title), ("text", &channel.text)] {
        let wrong = template.as_deref().and_then(|it| Template::parse(it).err());
        findings.add_some(&here.key(key), wrong);
    }
    if !(Span::seconds(1)..=MAX_TIMEOUT).contains(&channel.timeout) {
        findings.add(&here.key("timeout"), "it is not from 1s to 60s");
    }
    if !(1..=MAX_PER_MINUTE).contains(&channel.max_per_minute) {
        let found = channel.max_per_minute;
        findings.add(
            &here.key("max_per_minute"),
            format!("{found} is not from 1 to {MAX_PER_MINUTE}"),
        );
    }
    strangers(channel, here, findings);
    match channel.kind {
        ChannelKind::Email => mail(channel, gateway, here, findings),
        _ => address(channel, gateway, here, findings),
    }
}

/// Keys that belong to another kind of channel.
fn strangers(channel: &ChannelConfig, here: &Place, findings: &mut Findings<'_>) {
    let is_mail = channel.kind == ChannelKind::Email;
    for (key, is_there, belongs) in [
        ("url", channel.url.is_some(), !is_mail),
        ("url_env", channel.url_env.is_some(), !is_mail),
        (
            "secret_env",
            channel.secret_env.is_some(),
            channel.kind == ChannelKind::Webhook,
        ),
        ("server", channel.server.is_some(), is_mail),
        ("from", channel.from.is_some(), is_mail),
        ("to", !channel.to.is_empty(), is_mail),
        ("ca_file", channel.ca_file.is_some(), is_mail),
        ("username", channel.username.is_some(), is_mail),
        ("password_env", channel.password_env.is_some(), is_mail),
    ] {
        if is_there && !belongs {
            let kind = channel.kind.word();
            let text = format!("a channel of kind `{kind}` has no `{key}`; leave it out");
            findings.add(&here.key(key), text);
        }
    }
    let is_worded = channel.title.is_some() || channel.text.is_some();
    if is_worded
        && matches!(
            channel.kind,
            ChannelKind::Webhook | ChannelKind::Alertmanager
        )
    {
        let key = if channel.title.is_some() {
            "title"
        } else {
            "text"
        };
        findings.add(
            &here.key(key),
            "programs read this channel, and its shape is fixed; leave it out",
        );
    }
}

fn address(
    channel: &ChannelConfig,
    gateway: &GatewayConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    match (&channel.url, &channel.url_env) {
        (None, None) => findings.add(
            here,
            "it leads nowhere; set `url_env` to the environment variable that holds the address, or `url` when the address is no secret",
        ),
        (Some(_), Some(_)) => findings.add(&here.key("url"), "`url_env` is set as well; one of the two"),
        (None, Some(_)) => {}
        (Some(url), None) => {
            findings.add_some(&here.key("url"), reachable(url, &gateway.probing));
        }
    }
}

/// What is wrong with an address that the gateway asks by HTTP. The address itself is not repeated: somebody may have
/// put a secret where none belongs.
pub(super) fn reachable(url: &PlainUrl, probing: &Probing) -> Option<String> {
    // Without sound rules the address is not judged: one mistake, one message.
    let rules = AddressRules::new(probing).ok();
    match url::Url::parse(url.0.reveal()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => rules
            .and_then(|rules| rules.judge_url(&url).err())
            .map(|denied| format!("this address may not be reached: {denied}")),
        Ok(_) => Some("it is not http or https".to_owned()),
        Err(error) => Some(format!("it is no address: {error}")),
    }
}

fn mail(
    channel: &ChannelConfig,
    gateway: &GatewayConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    let is_mailbox = |text: &str| text.parse::<lettre::message::Mailbox>().is_ok();
    let no_address = |text: &str| {
        format!("`{text}` is no e-mail address; write for example \"oncall@example.com\"")
    };
    match channel.server.as_deref().map(mail_server) {
        None => findings.add(
            here,
            "it has no `server`; write for example \"smtp.example.com:587\"",
        ),
        Some(Err(wrong)) => findings.add(&here.key("server"), wrong),
        Some(Ok((url, _))) => {
            let mut probing = gateway.probing.clone();
            probing.allow_ports.extend(MAIL_PORTS.map(str::to_owned));
            let rules = AddressRules::new(&probing).ok();
            let denied = rules.and_then(|rules| rules.judge_url(&url).err());
            let denied = denied.map(|it| format!("this address may not be reached: {it}"));
            findings.add_some(&here.key("server"), denied);
        }
    }
    match channel.from.as_deref() {
        None => findings.add(
            here,
            "it has no `from`; write for example \"Watchfloor <watchfloor@example.com>\"",
        ),
        Some(from) if !is_mailbox(from) => findings.add(&here.key("from"), no_address(from)),
        Some(_) => {}
    }
    for (index, to) in channel.to.iter().enumerate() {
        if !is_mailbox(to) {
            findings.add(&here.key("to").index(index), no_address(to));
        }
    }
    if channel.to.is_empty() && !channel.to_contact {
        findings.add(
            here,
            "nobody gets it; set `to`, or `to_contact = true` for the contacts of escalation steps",
        );
    }
    trust(channel, here, findings);
    if channel.username.is_some() != channel.password_env.is_some() {
        findings.add(
            here,
            "`username` and `password_env` belong together; set both or none",
        );
    }
}

/// Whom the mail server's certificate must come from.
fn trust(channel: &ChannelConfig, here: &Place, findings: &mut Findings<'_>) {
    let here = here.key("ca_file");
    if channel.ca_file.is_some() && channel.tls == MailTls::None {
        findings.add(
            &here,
            "with `tls = \"none\"` no certificate is shown; leave one of the two out",
        );
    }
    // A file that could not be read is told of by itself.
    if let Err(error) = Trust::only(&channel.authorities) {
        findings.add(&here, format!("an authority cannot be trusted: {error}"));
    }
}

/// Adds what is wrong with a product's use of the channels.
pub fn product(product: &ProductConfig, gateway: &GatewayConfig, findings: &mut Findings<'_>) {
    for (priority, response) in &product.response {
        let here = Place::root().key("response").key(priority);
        uses(response, gateway, &here, findings);
    }
}

fn uses(
    response: &ResponseConfig,
    gateway: &GatewayConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    let channels = gateway.channels.as_slice();
    known(
        &response.channels,
        channels,
        &here.key("channels"),
        findings,
    );
    for (index, step) in response.escalation.iter().enumerate() {
        let here = here.key("escalation").index(index);
        if let Some(own) = &step.channels {
            known(own, channels, &here.key("channels"), findings);
        }
        let used = step.channels.as_ref().unwrap_or(&response.channels);
        // A gateway without any channel tells nobody, and everybody who set it up knows.
        if !channels.is_empty() && !used.iter().any(|it| reaches(it, step, gateway)) {
            findings.add(
                &here,
                format!(
                    "nobody is reached by the step `{}`; name `channels` for it or for its priority",
                    step.name
                ),
            );
        }
    }
}

/// Whether somebody hears what the channel is told of a step. Mail to a step's contact needs an address there, or with
/// each of the people of its rotation.
fn reaches(id: &str, step: &EscalationConfig, gateway: &GatewayConfig) -> bool {
    let is_address = |contact: &str| contact.parse::<lettre::Address>().is_ok();
    let of_step = || match &step.on_call {
        None => is_address(&step.contact),
        Some(rotation) => {
            let rotation = gateway.rotations.iter().find(|it| it.id == *rotation);
            // A rotation that there is not is told of by itself.
            rotation.is_none_or(|it| {
                let mut people = it.people_of(&gateway.people);
                people.all(|it| is_address(&it.contact))
            })
        }
    };
    let channel = gateway.channels.iter().find(|it| it.id == id);
    channel.is_some_and(|it| it.kind != ChannelKind::Email || !it.to.is_empty() || of_step())
}

fn known(used: &[String], channels: &[ChannelConfig], here: &Place, findings: &mut Findings<'_>) {
    let mut unique = Unique::default();
    for (index, id) in used.iter().enumerate() {
        let here = here.index(index);
        if channels.iter().any(|it| it.id == *id) {
            let twice = unique
                .see(id, "channel")
                .map(|_| format!("`{id}` is named twice"));
            findings.add_some(&here, twice);
        } else {
            let there = listed(channels.iter().map(|it| it.id.as_str()));
            findings.add(
                &here,
                format!("there is no channel `{id}`; the gateway's file has {there}"),
            );
        }
    }
}
