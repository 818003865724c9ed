//! Amounts, times and names as people read them.

use crate::domain::{
    amount::Amount,
    asset::QuoteAsset,
    catalogue::ListedAsset,
    ids::AssetId,
    invoice::{standing::Sum, terms::Terms},
    locale::Locale,
};
use crate::speech::outside;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// An amount with its unit: `1,000.50 USD`.
pub fn money(amount: Amount, decimals: u32, symbol: &str) -> String {
    format!("{} {}", amount.grouped(decimals), outside::ticker(symbol))
}

/// The price of an invoice.
pub fn price(terms: &Terms) -> String {
    money(terms.price.amount, terms.decimals, &terms.symbol)
}

/// An amount that MixPay reported.
pub fn sum(sum: &Sum) -> String {
    if sum.symbol.is_empty() { sum.amount.grouped(0) } else { money(sum.amount, 0, &sum.symbol) }
}

/// An asset as people read it: `USDT (ERC20)`. The chain stands where several bear the ticker, and
/// where it is one of the token standards.
pub fn asset_label(assets: &[ListedAsset], asset: AssetId) -> String {
    let unit = QuoteAsset::Asset(asset);
    let Some(listed) = assets.iter().find(|listed| listed.unit == unit) else {
        return asset.to_string();
    };
    let namesakes = assets.iter().filter(|other| other.symbol == listed.symbol).count();
    let names = listed.chain_names();
    let standard = names.iter().find(|name| name.contains("RC20") || name.contains("EP20"));
    match standard.or(names.first()) {
        Some(chain) if namesakes > 1 || standard.is_some() => {
            outside::ticker(&format!("{} ({chain})", listed.symbol))
        }
        Some(_) | None => outside::ticker(&listed.symbol),
    }
}

/// A time: `2026-11-21 14:02:31 UTC`.
pub fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The time of a day: `14:02:31 UTC`.
pub fn clock(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S UTC").to_string()
}

/// A length of time, in the two largest units that it needs: `30 min`, `1 h 30 min`, `2 d`.
pub fn duration(length: SignedDuration, locale: Locale) -> String {
    let seconds = length.as_secs().max(0);
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    let units = match locale {
        Locale::En => [" d", " h", " min", " s"],
        Locale::Zh => [" 天", " 小时", " 分钟", " 秒"],
    };
    let parts: Vec<String> = [days, hours, minutes, rest]
        .into_iter()
        .zip(units)
        .skip_while(|(count, _)| *count == 0)
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if parts.is_empty() { format!("0{}", units[3]) } else { parts.join(" ") }
}

/// At most `limit` characters, the last one `…` if something was cut.
pub fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_in_at_most_two_units() {
        let check = |seconds: i64, en: &str| {
            assert_eq!(duration(SignedDuration::from_secs(seconds), Locale::En), en);
        };
        check(1800, "30 min");
        check(5400, "1 h 30 min");
        check(86_400 * 2 + 61, "2 d");
        check(3_661, "1 h 1 min");
        check(42, "42 s");
        check(0, "0 s");
        assert_eq!(duration(SignedDuration::from_mins(30), Locale::Zh), "30 分钟");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("咖啡咖啡", 3), "咖啡…");
        assert_eq!(cut("coffee", 6), "coffee");
    }
}
