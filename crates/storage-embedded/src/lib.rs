//! The embedded store: spans of one machine in one folder, durable before they are acknowledged.
