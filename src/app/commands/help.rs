//! `help`: what can be said here.

use crate::{
    app::commands::Ask,
    speech::{Draft, help},
};

/// Help for a chat of our own, or for a group.
pub(super) fn run(ask: &Ask<'_>) -> Vec<Draft> {
    if ask.in_group() {
        help::group(&ask.deps.me.person.number, ask.locale)
    } else {
        help::private(ask.locale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::commands::grammar::{self, Reading, Scope},
        domain::{catalogue::Catalogue, locale::Locale},
        ports::chat::BUTTONS_MAX,
        speech::{Action, DraftBody},
    };

    /// What a line in a chat of our own is read as.
    fn read(line: &str) -> Reading {
        let scope = Scope {
            bot_number: "7000104999",
            in_group: false,
            catalogue: &Catalogue::builtin(),
            settlement: "4d8c508b-91c5-375b-92b0-ee702ed2dac5".parse().ok(),
            currency: "usd".parse().unwrap(),
        };
        grammar::read(line, &scope)
    }

    #[test]
    fn every_button_and_every_example_of_help_is_a_complete_command() {
        for locale in Locale::ALL {
            let mut drafts = help::private(locale);
            drafts.extend(help::group("7000104999", locale));
            for draft in &drafts {
                match &draft.body {
                    DraftBody::Text(text) => {
                        for line in text.lines().filter(|line| line.starts_with('@')) {
                            assert!(matches!(read(line), Reading::Command(_)), "{line}");
                        }
                    }
                    DraftBody::Buttons(taps) => {
                        assert!(taps.len() <= BUTTONS_MAX);
                        for tap in taps {
                            let Action::Say(line) = &tap.action else { panic!("{tap:?}") };
                            // `invoice` alone is answered with the question that teaches.
                            let is_taught = line == "invoice" || line == "收款";
                            let reading = read(line);
                            assert!(
                                is_taught || matches!(reading, Reading::Command(_)),
                                "{line}: {reading:?}"
                            );
                        }
                    }
                    DraftBody::Card { .. }
                    | DraftBody::Contact(_)
                    | DraftBody::Qr(_)
                    | DraftBody::Document { .. } => panic!("{draft:?}"),
                }
            }
        }
    }
}
