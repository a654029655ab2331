//! What this build is. Written into `/version`, `jaeger_build_info` and the `version` command.
//!
//! The commit and the date come from the environment of the compiler (`JAEGER_GIT_COMMIT`, `JAEGER_BUILD_DATE`), so that a build outside a
//! git checkout works and one commit gives one binary.

/// The release, such as `0.1.0`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The git commit of the build, empty if the builder did not say.
pub const COMMIT: &str = match option_env!("JAEGER_GIT_COMMIT") {
    Some(commit) => commit,
    None => "",
};

/// The day of the build, empty if the builder did not say.
pub const BUILD_DATE: &str = match option_env!("JAEGER_BUILD_DATE") {
    Some(date) => date,
    None => "",
};

/// The version as the `version` page and command print it: the same three fields, in the same order, as Go Jaeger's.
#[must_use]
pub fn json() -> String {
    format!(r#"{{"gitCommit":"{COMMIT}","gitVersion":"v{VERSION}","buildDate":"{BUILD_DATE}"}}"#)
}

#[cfg(test)]
mod tests {
    #[test]
    fn version_page_is_json_with_go_jaegers_three_fields() {
        let page: serde_json::Value = serde_json::from_str(&super::json()).unwrap();
        assert_eq!(page["gitVersion"], format!("v{}", super::VERSION));
        assert!(page["gitCommit"].is_string() && page["buildDate"].is_string());
    }
}
