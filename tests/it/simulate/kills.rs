//! The bot's own executable, killed at random times under load.

use std::process::Command;

#[test]
fn a_bot_that_is_killed_at_random_times_loses_nothing_and_tells_nothing_twice() {
    let output = Command::new(env!("CARGO_BIN_EXE_mixpay-bot"))
        .args(["simulate", "kills", "--count", "1", "--seed", "3", "--kills-per-run", "4"])
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    assert!(out.starts_with("1 runs, 5 kills: "), "{out}");
    assert!(out.ends_with("nothing lost, nothing twice, the ledger balances.\n"), "{out}");
    assert_eq!(err, "", "no terminal, no progress");
}
