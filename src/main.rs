//! Parse the command line, run one command, turn the outcome into an exit code.

fn main() {}
