//! What Cargo.toml asks for.

/// The version of a dependency, which has to be an exact one.
pub fn version(name: &str) -> &'static str {
    include_str!("../Cargo.toml")
        .lines()
        .filter_map(|line| line.strip_prefix(name))
        .find_map(|rest| rest.strip_prefix(" = \"="))
        .and_then(|rest| rest.split('"').next())
        .unwrap_or("?")
}
