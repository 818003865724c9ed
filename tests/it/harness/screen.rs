//! Screen: what the bot shows, as compact text that is the same every time.

use mixpay_bot::{
    domain::{code::ShortCode, ids::MessageId},
    sim::{Body, Button, Shown},
};
use uuid::Uuid;

/// What is seen: what it is, its words, its buttons.
pub(crate) fn text(
    shown: &Shown,
    is_ours: impl Fn(MessageId) -> bool,
    is_picture: impl Fn(&str) -> bool,
) -> String {
    let mut marks = String::new();
    match shown.quote {
        Some(quote) if is_ours(quote) => marks.push_str("(quotes the card) "),
        Some(_) => marks.push_str("(quotes the line) "),
        None => {}
    }
    if shown.silent {
        marks.push_str("(silent) ");
    }
    let body = match &shown.body {
        Body::Text(text) => text.clone(),
        Body::Post(text) => format!("[post] {text}"),
        Body::Card(card) => {
            let share = if card.shareable { "" } else { " (not to be shared)" };
            let title = &card.title;
            let buttons = buttons(&card.buttons);
            format!("[card] {title}{share}\n{}\n{buttons}", card.description)
        }
        Body::Buttons(group) => buttons(group),
        Body::Image { attachment, .. } if is_picture(attachment) => "[picture]".to_owned(),
        Body::Image { .. } => "[broken picture]".to_owned(),
        Body::File { name, .. } => format!("[file {name}]"),
        Body::Contact(user) => format!("[contact {user}]"),
        Body::Other { category, .. } => format!("[{category}]"),
        Body::Recalled => "[taken back]".to_owned(),
    };
    format!("{marks}{body}\n").trim_end().to_owned()
}

/// `[Status] [Cancel]`.
fn buttons(buttons: &[Button]) -> String {
    let labels: Vec<String> = buttons.iter().map(|button| format!("[{}]", button.label)).collect();
    labels.join(" ")
}

/// The text with names for what chance has chosen: codes, ids.
pub(crate) fn stable(text: &str, name_of: impl Fn(Uuid) -> Option<String>) -> String {
    let mut out = String::new();
    for word in words(text) {
        if let Ok(id) = Uuid::try_parse(word)
            && word.len() == 36
        {
            match name_of(id) {
                Some(name) => out.extend(["[UUID of ", &name, "]"]),
                None => out.push_str("[UUID]"),
            }
        } else if is_code(word) {
            out.push_str("[CODE]");
        } else {
            out.push_str(word);
        }
    }
    out
}

/// The codes in a text.
pub(crate) fn codes(text: &str) -> Vec<String> {
    words(text).into_iter().filter(|word| is_code(word)).map(str::to_owned).collect()
}

fn is_code(word: &str) -> bool {
    word.len() == 7
        && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && word.parse::<ShortCode>().is_ok()
}

/// Words of letters, digits and dashes, and what stands between them.
fn words(text: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = is_word(first);
        let end = rest.find(|c| is_word(c) != kind).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}
