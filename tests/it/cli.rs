//! The program from outside: what it prints and the number that it ends with.

use std::process::{Command, Output};

/// Runs the program in an empty folder and an empty environment.
fn program(arguments: &[&str], environment: &[(&str, &str)], file: Option<&str>) -> Output {
    let folder = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        std::fs::write(folder.path().join("mixpay-bot.toml"), text).unwrap();
    }
    Command::new(env!("CARGO_BIN_EXE_mixpay-bot"))
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

/// The exit code, and what was said on standard error.
fn told(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_wrong_setting_ends_with_exit_code_2_whatever_its_source() {
    let message = |source: &str| {
        format!(
            "mixpay-bot: http.listen: expected an address and a port, such as 127.0.0.1:8787 or \
             [::1]:8787, or off; found \"80\" ({source})\n"
        )
    };
    let flag = program(&["run", "--http-listen", "80"], &[], None);
    assert_eq!(told(&flag), (Some(2), message("flag --http-listen")));
    let environment = program(&["run"], &[("MIXPAY_BOT_HTTP_LISTEN", "80")], None);
    let source = "environment variable MIXPAY_BOT_HTTP_LISTEN";
    assert_eq!(told(&environment), (Some(2), message(source)));
    let file = program(&["run"], &[], Some("http.listen = '80'"));
    assert_eq!(told(&file), (Some(2), message("file mixpay-bot.toml")));
}

#[test]
fn an_unknown_key_ends_with_exit_code_2() {
    let output = program(&["run"], &[], Some("[htp]\nlisten = 'off'"));
    let message = "mixpay-bot: htp.listen is no key of the configuration; the nearest is \
                   http.listen (file mixpay-bot.toml)\n";
    assert_eq!(told(&output), (Some(2), message.to_owned()));
}

#[test]
fn a_configuration_file_that_was_named_must_be_there() {
    let (code, message) = told(&program(&["run", "--config", "other.toml"], &[], None));
    assert_eq!(code, Some(2));
    assert!(message.starts_with("mixpay-bot: configuration file other.toml: "), "{message}");
}

#[test]
fn a_command_line_that_is_not_understood_ends_with_exit_code_2() {
    let (code, message) = told(&program(&["run", "--http-lissten", "off"], &[], None));
    assert_eq!(code, Some(2));
    assert!(message.contains("--http-listen"), "it suggests what was meant: {message}");
    assert!(!message.contains("panicked"), "{message}");
}

#[test]
fn help_and_version_go_well() {
    for flag in ["--help", "-h", "--version"] {
        let output = program(&[flag], &[], None);
        assert_eq!(output.status.code(), Some(0), "{flag}");
        assert!(output.stderr.is_empty(), "{flag}");
    }
    let help = program(&["--help"], &[], None);
    let help = String::from_utf8_lossy(&help.stdout);
    for part in ["run", "demo", "check", "keystore", "export", "MIXPAY_BOT_KEYSTORE"] {
        assert!(help.contains(part), "{part} is missing in {help}");
    }
}

#[test]
fn a_secret_in_the_wrong_place_of_the_command_line_is_never_repeated() {
    let json = r#"{"pin":"hunter2","session_private_key":"hunter2hunter2"}"#;
    let url = "bob:hunter2@db.example/bot";
    let long = "hunter2".repeat(20);
    for secret in [json, url, long.as_str()] {
        let inline = format!("--keystore={secret}");
        let unknown = format!("--key-store={secret}");
        let seed = format!("--seed={secret}");
        for arguments in [
            vec!["run", "--keystore", secret],
            vec!["keystore", inline.as_str()],
            vec!["run", secret],
            vec![secret],
            vec!["run", unknown.as_str()],
            vec!["run", "--config", secret],
            vec!["run", "--database-url", secret],
            vec!["demo", seed.as_str()],
            vec!["demo", "--script", secret],
            vec!["simulate", "--listen", secret],
            vec!["check", "--keystore", secret],
            vec!["export", "--database-url", secret],
            vec!["export", "--format", secret],
        ] {
            let output = program(&arguments, &[], None);
            let (code, told) = told(&output);
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(matches!(code, Some(1 | 2)), "{arguments:?}: {code:?} {told}");
            assert!(!told.contains("hunter2"), "{arguments:?}: {told}");
            assert!(!said.contains("hunter2"), "{arguments:?}: {said}");
        }
    }
}
