//! Screen: a message as a terminal shows it: cards in frames, buttons with numbers, the QR code.

use crate::{
    sim::{Body, Button, Shown},
    speech::qr,
};

/// Text is wrapped at this many columns.
const WIDTH: usize = 76;

/// What a message quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    /// Nothing.
    Nothing,
    /// A message of the bot.
    Card,
    /// A line that somebody said.
    Line,
}

/// The lines of a message. `number` counts buttons; a picture shows the QR code of `link`.
pub fn lines(
    shown: &Shown,
    quotes: Quotes,
    number: &mut usize,
    link: Option<&str>,
    colour: bool,
) -> Vec<String> {
    let mut lines = Vec::new();
    let quote = match (quotes, shown.silent) {
        (Quotes::Nothing, _) => "",
        (Quotes::Card, false) => "(quotes the card) ",
        (Quotes::Card, true) => "(quotes the card, silent) ",
        (Quotes::Line, false) => "(quotes the line) ",
        (Quotes::Line, true) => "(quotes the line, silent) ",
    };
    match &shown.body {
        Body::Text(text) | Body::Post(text) => {
            for (index, line) in text.lines().enumerate() {
                let whole = if index == 0 { format!("{quote}{line}") } else { line.to_owned() };
                lines.extend(wrapped(&whole, WIDTH));
            }
        }
        Body::Card(card) => {
            lines.push(format!("┌─ {}", card.title));
            for line in card.description.lines().flat_map(|line| wrapped(line, WIDTH - 2)) {
                lines.push(format!("│  {line}"));
            }
            lines.push(format!("└─ {}", buttons(&card.buttons, number)));
        }
        Body::Buttons(group) => lines.push(buttons(group, number)),
        Body::Image { width, height, .. } => match link.and_then(|link| qr::blocks(link).ok()) {
            Some(blocks) => {
                for line in blocks.lines() {
                    lines.push(if colour {
                        format!("\x1b[97;40m{line}\x1b[0m")
                    } else {
                        line.to_owned()
                    });
                }
                lines.extend(link.map(|link| format!("QR code of {link}")));
            }
            None => lines.push(format!("[picture, {width} × {height}]")),
        },
        Body::File { name, .. } => lines.push(format!("[file {name}]")),
        Body::Contact(user) => lines.push(format!("[contact card of {user}]")),
        Body::Other { category, .. } => lines.push(format!("[{category}]")),
        Body::Recalled => lines.push("[taken back]".to_owned()),
    }
    lines
}

/// `[1] Status   [2] Cancel`.
fn buttons(buttons: &[Button], number: &mut usize) -> String {
    let texts: Vec<String> = buttons
        .iter()
        .map(|button| {
            *number += 1;
            format!("[{number}] {}", button.label)
        })
        .collect();
    texts.join("   ")
}

/// A line in pieces of at most `width` characters, broken at spaces where there are some.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in line.split(' ') {
        let Some(last) = pieces.last_mut() else { break };
        let needed = last.chars().count() + 1 + word.chars().count();
        if last.is_empty() {
            last.push_str(word);
        } else if needed <= width {
            last.push(' ');
            last.push_str(word);
        } else {
            pieces.push(word.to_owned());
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_at_its_spaces() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), [""]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
    }
}
