//! Tokens: a line taken apart into words and quoted texts, with the way back to what was typed.

use unicode_normalization::UnicodeNormalization;

/// The most characters of a line that are read; longer lines are refused. It holds a multisig of
/// 256 members written as UUIDs.
pub const LINE_CHARS_MAX: usize = 10_000;
/// The most characters of a memo that are kept; the rest is dropped.
pub const MEMO_CHARS_MAX: usize = 200;

/// Pairs of quotation marks, as they look after folding.
const QUOTES: [(char, char); 4] =
    [('"', '"'), ('\u{201c}', '\u{201d}'), ('「', '」'), ('『', '』')];

/// One character as it is compared, and where it stands in the line.
#[derive(Debug, Clone, Copy)]
struct Glyph {
    /// The narrow form, case kept.
    narrow: char,
    /// The narrow form in lower case.
    low: char,
    /// The place of the character that it came from.
    at: usize,
}

/// A line as it was typed, without invisible characters and the bot's own number.
#[derive(Debug, Clone)]
pub struct Line {
    typed: Vec<char>,
    glyphs: Vec<Glyph>,
}

/// A word, a run of Chinese, or a quoted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As it is compared: narrow, lower case.
    pub low: String,
    /// Narrow, case kept.
    pub narrow: String,
    /// Whether it stood in quotation marks; then it is memo and nothing else.
    pub quoted: bool,
    /// Whether it follows the token before it without a gap.
    pub touches: bool,
    start: usize,
    end: usize,
}

impl Line {
    /// Drops what cannot be seen and `@number` of the bot itself, wherever it stands.
    pub fn new(text: &str, bot_number: &str) -> Self {
        let typed: Vec<char> = text
            .chars()
            .filter(|c| !is_invisible(*c))
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let glyphs = typed.iter().enumerate().flat_map(|(at, c)| fold(*c, at)).collect();
        let mut line = Self { typed, glyphs };
        line.strip_mention(bot_number);
        line
    }

    fn strip_mention(&mut self, bot_number: &str) {
        let mention: Vec<char> = std::iter::once('@').chain(bot_number.chars()).collect();
        if mention.len() < 2 {
            return;
        }
        let low: Vec<char> = self.glyphs.iter().map(|glyph| glyph.low).collect();
        let mut at = 0;
        while at < low.len() {
            let end = at.saturating_add(mention.len());
            let is_whole = !low.get(end).is_some_and(char::is_ascii_digit);
            if low.get(at..end) == Some(mention.as_slice()) && is_whole {
                for glyph in self.glyphs.get_mut(at..end).unwrap_or_default() {
                    if let Some(typed) = self.typed.get_mut(glyph.at) {
                        *typed = ' ';
                    }
                    (glyph.narrow, glyph.low) = (' ', ' ');
                }
                at = end;
            } else {
                at = at.saturating_add(1);
            }
        }
    }

    fn low(&self, at: usize) -> Option<char> {
        self.glyphs.get(at).map(|glyph| glyph.low)
    }

    /// What was typed between two places, blanks collapsed.
    fn typed(&self, start: usize, end: usize) -> String {
        let Some(glyphs) = self.glyphs.get(start..end) else { return String::new() };
        let (Some(first), Some(last)) = (glyphs.first(), glyphs.last()) else {
            return String::new();
        };
        let typed: String = self.typed.get(first.at..=last.at).unwrap_or_default().iter().collect();
        typed.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether nothing is left of the line.
    pub fn is_blank(&self) -> bool {
        self.glyphs.iter().all(|glyph| glyph.low.is_whitespace())
    }

    /// What was typed from the first of these tokens to the last.
    pub fn typed_of(&self, tokens: &[Token]) -> String {
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => self.typed(first.start, last.end),
            (_, _) => String::new(),
        }
    }

    /// The line's tokens, in order.
    pub fn tokens(&self) -> Vec<Token> {
        let closers = QUOTES.map(|(_, close)| self.glyphs.iter().rposition(|g| g.low == close));
        let (mut tokens, mut at) = (Vec::new(), 0);
        let mut gap = true;
        while let Some(low) = self.low(at) {
            if let Some(close) = self.closing_quote(at, low, gap, &closers) {
                tokens.push(self.token(at, close.saturating_add(1), true, false));
                (at, gap) = (close.saturating_add(1), true);
            } else if self.is_gap(at) {
                (at, gap) = (at.saturating_add(1), true);
            } else {
                let end = self.word_end(at, &closers);
                tokens.push(self.token(at, end, false, !gap));
                (at, gap) = (end, false);
            }
        }
        tokens
    }

    /// Where the quoted text ends that starts here, if one does.
    fn closing_quote(
        &self,
        at: usize,
        low: char,
        gap: bool,
        closers: &[Option<usize>; 4],
    ) -> Option<usize> {
        let (pair, last) = QUOTES.iter().zip(closers).find(|((open, _), _)| *open == low)?;
        let (open, close) = *pair;
        // An inch sign follows a digit; only at the start of a word do straight marks open.
        let after_han = at.checked_sub(1).and_then(|at| self.low(at)).is_some_and(is_han);
        if open == close && !gap && !after_han {
            return None;
        }
        if (*last)? <= at {
            return None;
        }
        let from = at.saturating_add(1);
        let length = self.glyphs.get(from..)?.iter().position(|glyph| glyph.low == close)?;
        Some(from.saturating_add(length))
    }

    fn word_end(&self, start: usize, closers: &[Option<usize>; 4]) -> usize {
        let han = self.low(start).is_some_and(is_han);
        let mut end = start.saturating_add(1);
        while let Some(low) = self.low(end) {
            if self.is_gap(end)
                || is_han(low) != han
                || self.closing_quote(end, low, false, closers).is_some()
            {
                break;
            }
            end = end.saturating_add(1);
        }
        end
    }

    /// Whether the character here separates words.
    fn is_gap(&self, at: usize) -> bool {
        let Some(glyph) = self.glyphs.get(at) else { return true };
        let is_digit = |at: Option<usize>| {
            at.and_then(|at| self.low(at)).is_some_and(|low| low.is_ascii_digit())
        };
        let after_digit = is_digit(at.checked_sub(1));
        let before_digit = is_digit(Some(at.saturating_add(1)));
        match glyph.low {
            ',' if after_digit => !before_digit,
            // `,5` may be half a unit, `coffee,5` is two words; a wide comma always separates.
            ',' => {
                let first = at.checked_sub(1).is_none_or(|at| {
                    self.low(at).is_none_or(|low| low.is_whitespace() || is_sign(low))
                });
                let wide = self.typed.get(glyph.at) != Some(&',');
                wide || !first || !before_digit
            }
            ';' | '。' | '、' => true,
            low => low.is_whitespace(),
        }
    }

    fn token(&self, start: usize, end: usize, quoted: bool, touches: bool) -> Token {
        let glyphs = self.glyphs.get(start..end).unwrap_or_default();
        Token {
            low: glyphs.iter().map(|glyph| glyph.low).collect(),
            narrow: glyphs.iter().map(|glyph| glyph.narrow).collect(),
            quoted,
            touches,
            start,
            end,
        }
    }

    /// The first `length` characters of a token, and the rest, if neither is empty.
    pub fn split(&self, token: &Token, length: usize) -> Option<(Token, Token)> {
        let middle = token.start.saturating_add(length);
        if middle <= token.start || middle >= token.end {
            return None;
        }
        Some((
            self.token(token.start, middle, false, token.touches),
            self.token(middle, token.end, false, true),
        ))
    }

    /// Two neighbours as one token.
    pub fn join(&self, first: &Token, second: &Token) -> Token {
        self.token(first.start, second.end, false, first.touches)
    }

    /// The memo that these tokens make: as typed, at most [`MEMO_CHARS_MAX`] characters. A token
    /// that `is_memo` denies is left out.
    pub fn memo(&self, tokens: &[Token], mut is_memo: impl FnMut(usize) -> bool) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut run: Option<(usize, usize)> = None;
        for (index, token) in tokens.iter().enumerate() {
            let keep = is_memo(index);
            if !keep || token.quoted {
                parts.extend(run.take().map(|(start, end)| self.typed(start, end)));
            }
            if !keep {
                continue;
            }
            if token.quoted {
                parts.push(self.typed(token.start.saturating_add(1), token.end.saturating_sub(1)));
            } else {
                run = Some((run.map_or(token.start, |(start, _)| start), token.end));
            }
        }
        parts.extend(run.map(|(start, end)| self.typed(start, end)));
        parts.retain(|part| !part.is_empty());
        tidy(&parts.join(" "))
    }
}

/// Cuts a memo to its length and sees to it that some pair of quotation marks can hold it.
fn tidy(memo: &str) -> Option<String> {
    let holds = |c: char| folded(memo).contains(c);
    let printable = !QUOTES.iter().all(|(open, close)| holds(*open) || holds(*close));
    let memo: String = memo
        .chars()
        .map(|c| if !printable && fold(c, 0).any(|glyph| glyph.low == '"') { '\'' } else { c })
        .take(MEMO_CHARS_MAX)
        .collect();
    let memo = memo.trim();
    (!memo.is_empty()).then(|| memo.to_owned())
}

/// The memo in the first pair of quotation marks that does not occur in it.
pub fn quote(memo: &str) -> String {
    let memo_folded = folded(memo);
    let (open, close) = QUOTES
        .into_iter()
        .find(|(open, close)| !memo_folded.contains(*open) && !memo_folded.contains(*close))
        .unwrap_or(('"', '"'));
    format!("{open}{memo}{close}")
}

/// Whether a text holds a quotation mark of any kind.
pub fn has_quote(text: &str) -> bool {
    let text = folded(text);
    QUOTES.iter().any(|(open, close)| text.contains(*open) || text.contains(*close))
}

/// A text as it is compared: narrow, lower case.
pub fn folded(text: &str) -> String {
    // Of all tickers this is the same, and at once.
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(|c| fold(c, 0)).map(|glyph| glyph.low).collect()
}

fn fold(c: char, at: usize) -> impl Iterator<Item = Glyph> {
    // Most of what is written, and all tickers.
    let ascii = c.is_ascii().then_some(if c.is_whitespace() { ' ' } else { c });
    let narrow: Vec<char> = if ascii.is_some() {
        Vec::new()
    } else if c.is_whitespace() {
        vec![' ']
    } else {
        let folded: Vec<char> = std::iter::once(c).nfkc().collect();
        // A full-width digit counts as its narrow form; `²`, `½` and `①` are no digits.
        let is_number = folded.iter().any(|c| c.is_ascii_digit() || c.is_whitespace());
        let is_wide = ('\u{ff01}'..='\u{ff5e}').contains(&c);
        if is_number && !is_wide { vec![c] } else { folded }
    };
    ascii.into_iter().chain(narrow).map(move |narrow| {
        let mut lower = narrow.to_lowercase();
        let low = match (lower.next(), lower.next()) {
            (Some(low), None) => low,
            _ => narrow,
        };
        Glyph { narrow, low, at }
    })
}

/// Whether a character has no width, or only turns the direction of the text.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character is written without spaces between words.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character is a currency sign.
pub fn is_sign(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '₩' | '¥')
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOT: &str = "7000104999";

    fn words(text: &str) -> Vec<String> {
        Line::new(text, BOT).tokens().into_iter().map(|token| token.low).collect()
    }

    #[test]
    fn words_part_at_blanks_chinese_and_wide_punctuation() {
        let check = |text: &str, expected: &[&str]| assert_eq!(words(text), expected, "{text}");
        check("/Invoice 10 USD", &["/invoice", "10", "usd"]);
        check("收款10美元咖啡", &["收款", "10", "美元咖啡"]);
        check("咖啡，5美元；谢谢。", &["咖啡", "5", "美元", "谢谢"]);
        check("１，０００．５０ ＵＳＤ", &["1,000.50", "usd"]);
        check("10 usd, coffee", &["10", "usd", "coffee"]);
        check("coffee,5 usd", &["coffee", "5", "usd"]);
        check(",5 usd", &[",5", "usd"]);
        check("a\u{200b}b\u{202e}c\u{0}d", &["abcd"]);
        check("1\u{a0}000\u{202f}usd", &["1", "000", "usd"]);
        check("10² ½ ①", &["10²", "½", "①"]);
        check("say \"two words\" 6\" pizza", &["say", "\"two words\"", "6\"", "pizza"]);
        check("a「b c」d", &["a", "「b c」", "d"]);
        check("\"never closed", &["\"never", "closed"]);
    }

    #[test]
    fn the_bots_own_number_is_dropped_wherever_it_stands() {
        for text in ["@7000104999 help me", "help @7000104999 me", "help，＠7000104999me"] {
            assert_eq!(words(text), ["help", "me"], "{text}");
        }
        assert_eq!(words("@70001049990"), ["@70001049990"]);
    }

    #[test]
    fn a_memo_is_what_was_typed() {
        let memo = |text: &str| {
            let line = Line::new(text, BOT);
            line.memo(&line.tokens(), |_| true)
        };
        let check = |text: &str, expected: &str| assert_eq!(memo(text).as_deref(), Some(expected));
        check("  Ｃafé,\n\tplease! ", "Ｃafé, please!");
        check("\"Two  words\" for Bob", "Two words for Bob");
        check("milk @7000104999 bread", "milk bread");
        check(&"長".repeat(300), &"長".repeat(200));
        assert_eq!(memo("\"\""), None);
    }

    #[test]
    fn some_quotation_marks_hold_every_memo() {
        for text in ["a \" b", "“ 「", "\" “ 」 『 everything"] {
            let line = Line::new(text, BOT);
            let memo = line.memo(&line.tokens(), |_| true).unwrap();
            let again = Line::new(&quote(&memo), BOT);
            let tokens = again.tokens();
            assert!(tokens.iter().all(|token| token.quoted), "{text}");
            assert_eq!(again.memo(&tokens, |_| true), Some(memo), "{text}");
        }
    }
}
