//! The keys of the configuration: names, environment variables, flags and defaults, in one table.

use strsim::levenshtein;

/// How a key's value is written in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One value.
    One,
    /// Several values: a list in the file, commas between them everywhere.
    List,
}

/// A key of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name in the file: `mixpay.api_url`.
    pub name: &'static str,
    /// Its flag, without the two dashes: `mixpay-api-url`.
    pub flag: &'static str,
    /// Its environment variable.
    pub environment: &'static str,
    /// One value or several.
    pub kind: Kind,
    /// Its value when nobody sets it; empty where [`Key::unset`] tells what that means.
    pub default: &'static str,
    /// What an empty value means; empty where a value is needed.
    pub unset: &'static str,
    /// What it is for, as `--help` says.
    pub help: &'static str,
}

macro_rules! keys {
    ($($id:ident { $name:literal, $flag:literal, $environment:literal, $kind:ident,
        default: $default:literal, unset: $unset:literal, $help:literal }
    )*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $help, ".")]
            pub const $id: Key = Key {
                name: $name,
                flag: $flag,
                environment: $environment,
                kind: Kind::$kind,
                default: $default,
                unset: $unset,
                help: $help,
            };
        )*

        /// Every key, in the order in which `--help` shows them.
        pub const ALL: &[Key] = &[$($id),*];
    };
}

keys! {
    KEYSTORE { "keystore", "keystore", "MIXPAY_BOT_KEYSTORE", One,
        default: "keystore.json", unset: "",
        "File with the keys of the bot" }
    DATABASE_URL { "database_url", "database-url", "MIXPAY_BOT_DATABASE_URL", One,
        default: "sqlite://mixpay-bot.db", unset: "",
        "Database: sqlite://PATH, sqlite::memory:, or postgres://USER:PASSWORD@HOST/DATABASE" }
    MIXIN_API_URL { "mixin.api_url", "mixin-api-url", "MIXPAY_BOT_MIXIN_API_URL", One,
        default: "https://api.mixin.one", unset: "",
        "API of Mixin" }
    MIXIN_BLAZE_URL { "mixin.blaze_url", "mixin-blaze-url", "MIXPAY_BOT_MIXIN_BLAZE_URL", One,
        default: "wss://blaze.mixin.one/", unset: "",
        "Message service of Mixin" }
    MIXIN_REPRESENTATIVES { "mixin.representatives", "mixin-representatives",
        "MIXPAY_BOT_MIXIN_REPRESENTATIVES", List,
        default: "", unset: "nobody speaks for somebody else",
        "UUIDs of the supergroup bots that may speak for people" }
    MIXPAY_API_URL { "mixpay.api_url", "mixpay-api-url", "MIXPAY_BOT_MIXPAY_API_URL", One,
        default: "https://api.mixpay.me/v1", unset: "",
        "API of MixPay" }
    MIXPAY_WEB_URL { "mixpay.web_url", "mixpay-web-url", "MIXPAY_BOT_MIXPAY_WEB_URL", One,
        default: "https://mixpay.me", unset: "",
        "Where the payment pages of MixPay are" }
    MIXPAY_ACCOUNTS { "mixpay.accounts", "mixpay-accounts", "MIXPAY_BOT_MIXPAY_ACCOUNTS", List,
        default: "3539c3ce-52c0-4b0b-9573-c035ecb98d48", unset: "",
        "UUIDs of the Mixin accounts that MixPay pays from" }
    MIXPAY_REQUESTS_PER_MINUTE { "mixpay.requests_per_minute", "mixpay-requests-per-minute",
        "MIXPAY_BOT_MIXPAY_REQUESTS_PER_MINUTE", One,
        default: "60", unset: "",
        "Requests to MixPay in a minute, at most 60" }
    HTTP_LISTEN { "http.listen", "http-listen", "MIXPAY_BOT_HTTP_LISTEN", One,
        default: "127.0.0.1:8787", unset: "",
        "Address of our HTTP server, or off" }
    HTTP_PUBLIC_URL { "http.public_url", "http-public-url", "MIXPAY_BOT_HTTP_PUBLIC_URL", One,
        default: "", unset: "no callbacks, no pages of our own",
        "Where the world reaches our HTTP server" }
    HTTP_TRUSTED_PROXIES { "http.trusted_proxies", "http-trusted-proxies",
        "MIXPAY_BOT_HTTP_TRUSTED_PROXIES", List,
        default: "", unset: "none",
        "Addresses or networks of proxies whose X-Forwarded-For is believed" }
    HTTP_CALLBACK_IPS { "http.callback_ips", "http-callback-ips",
        "MIXPAY_BOT_HTTP_CALLBACK_IPS", List,
        default: "", unset: "all",
        "Addresses or networks that callbacks are taken from" }
    INVOICE_EXPIRES { "invoice.expires", "invoice-expires", "MIXPAY_BOT_INVOICE_EXPIRES", One,
        default: "30m", unset: "",
        "How long an invoice can be paid, if its creator does not say" }
    INVOICE_GRACE { "invoice.grace", "invoice-grace", "MIXPAY_BOT_INVOICE_GRACE", One,
        default: "2h", unset: "",
        "How much longer MixPay takes late money" }
    INVOICE_SETTLEMENT_ASSET { "invoice.settlement_asset", "invoice-settlement-asset",
        "MIXPAY_BOT_INVOICE_SETTLEMENT_ASSET", One,
        default: "4d8c508b-91c5-375b-92b0-ee702ed2dac5", unset: "",
        "UUID of the asset that payees receive; the default is USDT (ERC20)" }
    INVOICE_PAYEE { "invoice.payee", "invoice-payee", "MIXPAY_BOT_INVOICE_PAYEE", One,
        default: "", unset: "the person who asks",
        "UUID that receives everything: one till for all" }
    INVOICE_BOT_PAYEE { "invoice.bot_payee", "invoice-bot-payee", "MIXPAY_BOT_INVOICE_BOT_PAYEE",
        One, default: "false", unset: "",
        "Whether people may choose the bot as their payee" }
    OPERATORS { "operators", "operators", "MIXPAY_BOT_OPERATORS", List,
        default: "", unset: "the owner of the bot",
        "UUIDs of the people who run the bot" }
    SUPPORT { "support", "support", "MIXPAY_BOT_SUPPORT", One,
        default: "Robin, Mixin ID 26930", unset: "",
        "Contact for what only MixPay can mend" }
    QUOTA_INVOICES_PER_HOUR { "quota.invoices_per_hour", "quota-invoices-per-hour",
        "MIXPAY_BOT_QUOTA_INVOICES_PER_HOUR", One,
        default: "10", unset: "",
        "Invoices that one person may make in an hour" }
    QUOTA_LOOKUPS_PER_DAY { "quota.lookups_per_day", "quota-lookups-per-day",
        "MIXPAY_BOT_QUOTA_LOOKUPS_PER_DAY", One,
        default: "30", unset: "",
        "Searches for Mixin IDs that one person may cause in a day" }
    LOG { "log", "log", "MIXPAY_BOT_LOG", One,
        default: "info", unset: "",
        "What is logged: a level, or TARGET=LEVEL with commas between" }
}

/// The key with this name.
pub fn find(name: &str) -> Option<&'static Key> {
    ALL.iter().find(|key| key.name == name)
}

/// The key whose name is nearest to what somebody wrote.
pub fn nearest(name: &str) -> &'static Key {
    ALL.iter().min_by_key(|key| levenshtein(key.name, name)).unwrap_or(&KEYSTORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_environment_variables_are_the_key_in_another_spelling() {
        for key in ALL {
            assert_eq!(key.flag, key.name.replace(['.', '_'], "-"));
            let environment = key.name.replace('.', "_").to_uppercase();
            assert_eq!(key.environment, format!("MIXPAY_BOT_{environment}"));
            assert_eq!(find(key.name), Some(key));
        }
    }

    #[test]
    fn an_empty_default_says_what_it_means() {
        for key in ALL {
            assert_eq!(key.default.is_empty(), !key.unset.is_empty(), "{}", key.name);
        }
    }

    #[test]
    fn the_nearest_key_is_suggested() {
        for (wrong, right) in [
            ("http.port", "support"),
            ("http.lisen", "http.listen"),
            ("mixpay.request_per_minute", "mixpay.requests_per_minute"),
            ("database", "database_url"),
            ("invoice.settlementAsset", "invoice.settlement_asset"),
        ] {
            assert_eq!(nearest(wrong).name, right, "{wrong}");
        }
    }
}
