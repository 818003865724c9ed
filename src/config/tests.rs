//! What settings may be, and what is said about those that may not.

use super::*;
use sources::FILE_DEFAULT;
use std::{collections::HashMap, ffi::OsString, path::Path};

const USER: &str = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

fn file(text: &str) -> Result<Sources, SettingsError> {
    Sources::default().with_toml(Path::new("bot.toml"), text)
}

fn flag(key: &'static Key, text: &str) -> Result<Settings, SettingsError> {
    Settings::read(&Sources::default().with_flags(&[(key, text.to_owned())]))
}

fn environment(pairs: &[(&'static str, &str)]) -> impl Fn(&str) -> Option<OsString> {
    let pairs: HashMap<String, OsString> =
        pairs.iter().map(|(name, text)| ((*name).to_owned(), OsString::from(text))).collect();
    move |name| pairs.get(name).cloned()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn the_defaults_are_those_of_the_specification() {
    let expected = Settings {
        keystore: PathBuf::from("keystore.json"),
        database: Database::File(PathBuf::from("mixpay-bot.db")),
        mixin: Mixin {
            api_url: url("https://api.mixin.one"),
            blaze_url: url("wss://blaze.mixin.one/"),
            representatives: Vec::new(),
        },
        mixpay: Mixpay {
            api_url: url("https://api.mixpay.me/v1"),
            web_url: url("https://mixpay.me"),
            accounts: vec!["3539c3ce-52c0-4b0b-9573-c035ecb98d48".parse().unwrap()],
            requests_per_minute: 60,
        },
        http: Http {
            listen: Listen::At("127.0.0.1:8787".parse().unwrap()),
            public_url: None,
            trusted_proxies: Vec::new(),
            callback_ips: Vec::new(),
        },
        invoice: Invoice {
            expires: Duration::from_mins(30),
            grace: Duration::from_hours(2),
            settlement_asset: "4d8c508b-91c5-375b-92b0-ee702ed2dac5".parse().unwrap(),
            payee: Payee::WhoAsks,
            bot_payee: false,
        },
        operators: Operators::Owner,
        support: "Robin, Mixin ID 26930".to_owned(),
        quota: Quota { invoices_per_hour: 10, lookups_per_day: 30 },
        log: "info".to_owned(),
    };
    assert_eq!(Settings::read(&Sources::default()), Ok(expected));
}

#[test]
fn the_file_can_set_every_key() {
    let text = format!(
        r#"
        keystore = "/etc/bot/keys.json"
        database_url = "sqlite:///var/lib/bot.db"
        operators = ["{USER}", "a0d77914-0877-6b47-eb1d-d3f94ed15d6a"]
        support = "Alice, Mixin ID 37160854"
        log = "warn,mixpay_bot::mixin=debug"

        [mixin]
        api_url = "http://127.0.0.1:9001"
        blaze_url = "ws://localhost:9001/"
        representatives = ["{USER}"]

        [mixpay]
        api_url = "http://[::1]:9002/v1"
        web_url = "https://pay.example"
        accounts = "{USER}"
        requests_per_minute = 30

        [http]
        listen = "off"
        public_url = "https://bot.example"
        trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
        callback_ips = ["52.198.117.57"]

        [invoice]
        expires = "90s"
        grace = "47h"
        settlement_asset = "{USER}"
        payee = "{USER}"
        bot_payee = true

        [quota]
        invoices_per_hour = 3
        lookups_per_day = 0
        "#
    );
    let user: UserId = USER.parse().unwrap();
    let expected = Settings {
        keystore: PathBuf::from("/etc/bot/keys.json"),
        database: Database::File(PathBuf::from("/var/lib/bot.db")),
        mixin: Mixin {
            api_url: url("http://127.0.0.1:9001"),
            blaze_url: url("ws://localhost:9001/"),
            representatives: vec![user],
        },
        mixpay: Mixpay {
            api_url: url("http://[::1]:9002/v1"),
            web_url: url("https://pay.example"),
            accounts: vec![user],
            requests_per_minute: 30,
        },
        http: Http {
            listen: Listen::Off,
            public_url: Some(url("https://bot.example")),
            trusted_proxies: vec!["127.0.0.1".parse().unwrap(), "10.0.0.0/8".parse().unwrap()],
            callback_ips: vec!["52.198.117.57".parse().unwrap()],
        },
        invoice: Invoice {
            expires: Duration::from_secs(90),
            grace: Duration::from_hours(47),
            settlement_asset: USER.parse().unwrap(),
            payee: Payee::Till(user),
            bot_payee: true,
        },
        operators: Operators::These(vec![
            user,
            "a0d77914-0877-6b47-eb1d-d3f94ed15d6a".parse().unwrap(),
        ]),
        support: "Alice, Mixin ID 37160854".to_owned(),
        quota: Quota { invoices_per_hour: 3, lookups_per_day: 0 },
        log: "warn,mixpay_bot::mixin=debug".to_owned(),
    };
    let sources = file(&text).unwrap();
    assert_eq!(Settings::read(&sources), Ok(expected));
    for key in keys::ALL {
        assert_eq!(sources.get(key).origin, Origin::File(PathBuf::from("bot.toml")), "{key:?}");
    }
}

#[test]
fn the_environment_can_set_every_key() {
    for key in keys::ALL {
        let sources = Sources::default().with_environment(environment(&[(key.environment, "x")]));
        let given = sources.unwrap().get(key);
        assert_eq!(
            (given.text.as_str(), given.origin),
            ("x", Origin::Environment(key.environment))
        );
    }
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file_and_that_over_the_defaults() {
    let settings =
        |flags: &[(&'static Key, String)], pairs: &[(&'static str, &str)], text: &str| {
            let sources = file(text).unwrap().with_environment(environment(pairs)).unwrap();
            Settings::read(&sources.with_flags(flags)).unwrap().quota.invoices_per_hour
        };
    let flags = [(&keys::QUOTA_INVOICES_PER_HOUR, "4".to_owned())];
    let pairs = [("MIXPAY_BOT_QUOTA_INVOICES_PER_HOUR", "3")];
    let text = "quota.invoices_per_hour = 2";
    assert_eq!(settings(&[], &[], ""), 10);
    assert_eq!(settings(&[], &[], text), 2);
    assert_eq!(settings(&[], &pairs, text), 3);
    assert_eq!(settings(&flags, &pairs, text), 4);
}

#[test]
fn an_empty_value_takes_back_what_a_weaker_source_set() {
    let text = format!("operators = '{USER}'\nhttp.public_url = 'https://bot.example'");
    let sources = file(&text).unwrap();
    let pairs = [("MIXPAY_BOT_OPERATORS", ""), ("MIXPAY_BOT_HTTP_PUBLIC_URL", "")];
    let settings = Settings::read(&sources.with_environment(environment(&pairs)).unwrap()).unwrap();
    assert_eq!(settings.operators, Operators::Owner);
    assert_eq!(settings.http.public_url, None);
}

/// Each message names the key, what was found, what would be right, and where it came from.
#[test]
fn a_wrong_value_is_refused_with_what_would_be_right() {
    for (key, found, expected) in [
        (&keys::KEYSTORE, "", "the path of a file"),
        (&keys::DATABASE_URL, "mysql://x", "sqlite://PATH"),
        (&keys::DATABASE_URL, "bot.db", "sqlite://PATH"),
        (&keys::DATABASE_URL, "sqlite://", "sqlite://PATH"),
        (&keys::DATABASE_URL, "sqlite://bot.db?mode=ro", "without options"),
        (&keys::DATABASE_URL, "postgres://db:x/bot", "invalid port"),
        (&keys::DATABASE_URL, "postgres://db/bot?pool=4", "its options are"),
        (&keys::DATABASE_URL, "postgres://db/bot?sslmode=maybe", "its sslmode is one of disable"),
        (&keys::MIXIN_API_URL, "api.mixin.one", "https://HOST"),
        (&keys::MIXIN_API_URL, "http://api.mixin.one", "https://HOST"),
        (&keys::MIXIN_API_URL, "http://127.0.0.1.example.org", "https://HOST"),
        (&keys::MIXIN_API_URL, "http://localhost.example.org", "https://HOST"),
        (&keys::MIXIN_API_URL, "http://10.0.0.1", "https://HOST"),
        (&keys::MIXIN_API_URL, "http://0.0.0.0", "https://HOST"),
        (&keys::MIXIN_API_URL, "wss://api.mixin.one", "https://HOST"),
        (&keys::MIXIN_API_URL, "ftp://127.0.0.1", "https://HOST"),
        (&keys::MIXIN_API_URL, "https://api.mixin.one?x=1", "without ? and #"),
        (&keys::MIXIN_BLAZE_URL, "https://blaze.mixin.one", "wss://HOST"),
        (&keys::MIXIN_BLAZE_URL, "ws://blaze.mixin.one", "wss://HOST"),
        (&keys::MIXPAY_API_URL, "", "https://HOST"),
        (&keys::MIXPAY_WEB_URL, "http://mixpay.me", "https://HOST"),
        (&keys::MIXPAY_ACCOUNTS, "", "at least one UUID"),
        (&keys::MIXPAY_ACCOUNTS, "7000104220", "UUIDs of Mixin users"),
        (&keys::MIXPAY_REQUESTS_PER_MINUTE, "0", "a whole number from 1 to 60"),
        (&keys::MIXPAY_REQUESTS_PER_MINUTE, "61", "a whole number from 1 to 60"),
        (&keys::MIXPAY_REQUESTS_PER_MINUTE, "+5", "a whole number from 1 to 60"),
        (&keys::HTTP_LISTEN, "8787", "such as 127.0.0.1:8787"),
        (&keys::HTTP_LISTEN, "", "or off"),
        (&keys::HTTP_PUBLIC_URL, "http://bot.example", "https://HOST"),
        (&keys::HTTP_TRUSTED_PROXIES, "proxy", "addresses or networks"),
        (&keys::HTTP_CALLBACK_IPS, "52.198.117.57,,", "addresses or networks"),
        (&keys::INVOICE_EXPIRES, "29s", "a time from 30s to 45h"),
        (&keys::INVOICE_EXPIRES, "46h", "a time from 30s to 45h"),
        (&keys::INVOICE_EXPIRES, "30", "such as 90s, 30m or 2h"),
        (&keys::INVOICE_EXPIRES, "m", "such as 90s, 30m or 2h"),
        (&keys::INVOICE_EXPIRES, "-30m", "such as 90s, 30m or 2h"),
        (&keys::INVOICE_EXPIRES, "99999999999999999999h", "such as 90s, 30m or 2h"),
        (&keys::INVOICE_GRACE, "48h", "together with invoice.expires (30m) is under 48h"),
        (&keys::INVOICE_GRACE, "2850m", "together with invoice.expires (30m) is under 48h"),
        (&keys::INVOICE_GRACE, "two hours", "a time from 0s to 48h"),
        (&keys::INVOICE_SETTLEMENT_ASSET, "USDT", "the UUID of an asset"),
        (&keys::INVOICE_PAYEE, "me", "the UUID of who receives"),
        (&keys::INVOICE_BOT_PAYEE, "yes", "true or false"),
        (&keys::OPERATORS, "37160854", "UUIDs of Mixin users"),
        (&keys::SUPPORT, " ", "a text that is not empty"),
        (&keys::QUOTA_INVOICES_PER_HOUR, "0", "a whole number from 1"),
        (&keys::QUOTA_LOOKUPS_PER_DAY, "many", "a whole number from 0"),
        (&keys::LOG, "ifno", "error, warn, info"),
    ] {
        let message = flag(key, found).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{}: expected ", key.name)), "{message}");
        assert!(message.contains(expected), "{message}");
        let end = format!("; found {found:?} (flag --{})", key.flag);
        assert!(message.ends_with(&end), "{message}");
    }
}

#[test]
fn what_is_just_within_the_bounds_is_taken() {
    for (key, found) in [
        (&keys::MIXIN_API_URL, "http://127.255.255.254:1"),
        (&keys::MIXIN_BLAZE_URL, "ws://[::1]:1"),
        (&keys::HTTP_PUBLIC_URL, "http://localhost:8787/bot"),
        (&keys::MIXPAY_REQUESTS_PER_MINUTE, "1"),
        (&keys::INVOICE_EXPIRES, "30s"),
        (&keys::INVOICE_EXPIRES, "45h"),
        (&keys::INVOICE_GRACE, "0s"),
        (&keys::INVOICE_GRACE, "2849m"),
        (&keys::DATABASE_URL, "sqlite::memory:"),
    ] {
        assert!(flag(key, found).is_ok(), "{found}");
    }
}

#[test]
fn the_message_says_which_source_has_the_wrong_value() {
    let wrong = |sources: Sources| Settings::read(&sources).unwrap_err().to_string();
    let in_file = file("invoice.expires = '1d'").unwrap();
    assert!(wrong(in_file.clone()).ends_with("found \"1d\" (file bot.toml)"));
    let pairs = [("MIXPAY_BOT_INVOICE_EXPIRES", "2d")];
    let in_environment = in_file.with_environment(environment(&pairs)).unwrap();
    let end = "found \"2d\" (environment variable MIXPAY_BOT_INVOICE_EXPIRES)";
    assert!(wrong(in_environment).ends_with(end));
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_one() {
    for (text, message) in [
        (
            "[http]\nlisen = 'off'",
            "http.lisen is no key of the configuration; the nearest is http.listen (file bot.toml)",
        ),
        (
            "databse_url = 'x'",
            "databse_url is no key of the configuration; the nearest is database_url (file bot.toml)",
        ),
        (
            "[mixpay.api]\nurl = 'x'",
            "mixpay.api.url is no key of the configuration; the nearest is mixpay.api_url (file bot.toml)",
        ),
    ] {
        assert_eq!(file(text).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_refused() {
    for (text, found) in [
        ("keystore = ['a', 'b']", "found a TOML array"),
        ("log = 1.5", "found a TOML float"),
        ("operators = [1]", "found a TOML array"),
        ("[support]\nname = 'x'", "found a TOML table"),
        ("invoice.expires = 2026-11-21", "found a TOML datetime"),
    ] {
        let message = file(text).unwrap_err().to_string();
        assert!(message.contains(found), "{message}");
    }
}

#[test]
fn a_file_that_is_not_toml_is_named_with_its_line_but_not_quoted() {
    let message = file("log = 'info'\ndatabase_url = hunter2").unwrap_err().to_string();
    assert!(message.starts_with("configuration file bot.toml: line 2 is not TOML: "), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn a_named_file_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_DEFAULT);
    let error = Sources::default().with_file(Some(&path)).unwrap_err().to_string();
    assert!(error.starts_with(&format!("configuration file {}: ", path.display())), "{error}");

    std::fs::write(&path, "support = 'Alice'").unwrap();
    let sources = Sources::default().with_file(Some(&path)).unwrap();
    assert_eq!(Settings::read(&sources).unwrap().support, "Alice");
}

#[test]
fn a_password_in_a_url_is_refused_and_never_shown() {
    for text in [
        "ftp://bob:hunter2@db.example/bot",
        "https://bob:hunter2@db.example/bot",
        "postgres://bob:hunter2@db.example/bot?password=hunter2",
        "postgres://bob:hunter2@db.example/bot?password=hunter2@bob",
    ] {
        for key in [&keys::DATABASE_URL, &keys::MIXIN_API_URL, &keys::HTTP_PUBLIC_URL] {
            let sources = Sources::default().with_flags(&[(key, text.to_owned())]);
            let error = Settings::read(&sources).unwrap_err();
            let shown = format!("{error} {error:?} {sources:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(!shown.contains("bob"), "{shown}");
        }
    }
}

#[test]
fn the_password_of_a_database_is_taken_and_never_shown() {
    let text = "postgres://bob:hunter2@db.example:5433/bot?sslmode=require".to_owned();
    let sources = Sources::default().with_flags(&[(&keys::DATABASE_URL, text.clone())]);
    let settings = Settings::read(&sources).unwrap();
    let shown = format!("{settings:?} {sources:?} {}", settings.database);
    assert!(!shown.contains("hunter2") && !shown.contains("bob"), "{shown}");
    assert_eq!(settings.database.to_string(), "postgres://db.example:5433/bot");
    let Database::Postgres(url) = settings.database else { panic!("{shown}") };
    assert_eq!(url.reveal(), text);
}

#[test]
fn a_variable_that_is_no_setting_is_named_with_the_nearest_that_is() {
    let names = ["MIXPAY_BOT_HTTP_LISTEN", "MIXPAY_BOT_HTTP_LISTN", "PATH"].map(str::to_owned);
    assert_eq!(
        sources::strange_variables(names.into_iter()),
        [("MIXPAY_BOT_HTTP_LISTN".to_owned(), "MIXPAY_BOT_HTTP_LISTEN")]
    );
}

/// What somebody pastes into the wrong place. Each holds `hunter2`.
fn secrets() -> Vec<String> {
    let keystore = include_str!("../../keystore.example.json").replace('0', "hunter2");
    let line: String = keystore.split_whitespace().collect();
    vec![
        crate::runtime::base64::encode(&keystore),
        keystore,
        line,
        format!("{}hunter2{}", "0f".repeat(16), "a1".repeat(32)),
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----".to_owned(),
        "bob:hunter2@db.example/bot".to_owned(),
        "bob:hunter2@[::1]:5432".to_owned(),
        "'postgres://bob:hunter2@db.example/bot'".to_owned(),
        "\"postgres://bob:hunter2@db.example/bot\"".to_owned(),
        " postgres://bob:hunter2@db.example/bot".to_owned(),
        "postgres//bob:hunter2@db.example/bot".to_owned(),
        "sqlite://bob:hunter2@db.example/bot?x=1".to_owned(),
        "info,https://bob:hunter2@db.example".to_owned(),
    ]
}

#[test]
fn a_secret_in_the_wrong_place_is_never_repeated_whatever_the_key_and_the_way() {
    for secret in secrets() {
        // Whoever sees the beginning of a secret in base64 knows what it is.
        let start: String = secret.chars().take(16).collect();
        let mut refused = 0;
        for key in keys::ALL {
            let environment = Sources::default()
                .with_environment(|name| (name == key.environment).then(|| secret.clone().into()));
            let toml = toml::Value::String(secret.clone());
            let file = Sources::default()
                .with_toml(Path::new("bot.toml"), &format!("{} = {toml}", key.name));
            let flags = Ok(Sources::default().with_flags(&[(key, secret.clone())]));
            for sources in [environment, file, flags] {
                let Err(error) = sources.and_then(|sources| Settings::read(&sources)) else {
                    continue;
                };
                refused += 1;
                let told = error.to_string();
                assert!(!told.contains("hunter2"), "{}: {told}", key.name);
                assert!(!told.contains(&start), "{}: {told}", key.name);
            }
        }
        // A file may have any name, and whoever is to be asked any words.
        assert!(refused >= 3 * (keys::ALL.len() - 3), "refused {refused} times: {secret}");
    }
}

#[test]
fn the_keystore_itself_as_its_path_is_told_by_length_and_beginning() {
    let keystore = include_str!("../../keystore.example.json");
    let told = flag(&keys::KEYSTORE, keystore).unwrap_err().to_string();
    let count = keystore.chars().count();
    assert_eq!(
        told,
        format!(
            "keystore: expected the path of a file, such as keystore.json; found a text of {count} \
             characters that begins with '{{' (flag --keystore)"
        )
    );
}

#[test]
fn a_secret_as_a_file_or_a_key_of_it_is_never_repeated() {
    for secret in secrets() {
        let whole = Sources::default().with_toml(Path::new("bot.toml"), &secret);
        let quoted = toml::Value::String(secret.replace('\n', " "));
        let key = Sources::default().with_toml(Path::new("bot.toml"), &format!("{quoted} = 1"));
        let twice = format!("{quoted} = 1\n{quoted} = 1");
        let twice = Sources::default().with_toml(Path::new("bot.toml"), &twice);
        let named = Sources::default().with_file(Some(Path::new(&secret)));
        for error in [whole.err(), key.err(), twice.err(), named.err()] {
            let told = error.unwrap().to_string();
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
