//! Settings of the Kafka producer.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_STORE, group};

pub(super) const GROUPS: &[Group] = &[group("Kafka", "kafka.producer.", WITH_STORE, ROWS)
    .not_yet("kafka is not there yet, set SPAN_STORAGE_TYPE=memory and leave this flag out")];

const ROWS: &[Row] = &[
    row("brokers", Kind::List, "127.0.0.1:9092", "brokers, separated by commas"),
    row("topic", Kind::Text, "jaeger-spans", "topic to write to"),
    row("encoding", Kind::Text, "protobuf", "form of a span"),
    row("protocol-version", Kind::Text, "", "version of Kafka's protocol"),
    row("required-acks", Kind::Text, "local", "acknowledgements to wait for"),
    row("compression", Kind::Text, "none", "compression of messages"),
    row("compression-level", Kind::Int, "0", "level of the compression; 0 takes its own default"),
    row("batch-size", Kind::Int, "0", "bytes that start a send"),
    row("batch-linger", Kind::Duration, "0s", "time that starts a send"),
    row("batch-min-messages", Kind::Int, "0", "messages that start a send"),
    row("batch-max-messages", Kind::Int, "0", "messages of a send at most"),
    row("max-message-bytes", Kind::Int, "1000000", "bytes of a message at most"),
    row("authentication", Kind::Text, "none", "kind of authentication"),
    row("plaintext.mechanism", Kind::Text, "PLAIN", "SASL mechanism"),
    row("plaintext.username", Kind::Text, "", "user name"),
    row("plaintext.password", Kind::Text, "", "password"),
    row("kerberos.service-name", Kind::Text, "kafka", "Kerberos service"),
    row("kerberos.realm", Kind::Text, "", "Kerberos realm"),
    row("kerberos.use-keytab", Kind::Bool, "false", "take a keytab instead of a password"),
    row("kerberos.username", Kind::Text, "", "user name"),
    row("kerberos.password", Kind::Text, "", "password"),
    row("kerberos.config-file", Kind::File, "/etc/krb5.conf", "Kerberos configuration"),
    row("kerberos.keytab-file", Kind::File, "/etc/security/kafka.keytab", "keytab"),
    row("kerberos.disable-fast-negotiation", Kind::Bool, "false", "without FAST"),
];
