//! What settings become.

use super::*;

#[test]
fn a_server_gets_the_port_that_it_does_not_name() {
    for (server, address) in [
        ("cassandra", "cassandra:9042"),
        ("10.0.0.1", "10.0.0.1:9042"),
        ("cassandra:9999", "cassandra:9999"),
        ("::1", "[::1]:9042"),
        ("[::1]", "[::1]:9042"),
        ("[::1]:9999", "[::1]:9999"),
    ] {
        assert_eq!(with_port(server, 9042), address, "{server}");
    }
}

#[test]
fn a_consistency_is_taken_by_its_name() {
    assert_eq!(consistency("LOCAL_QUORUM").unwrap(), Consistency::LocalQuorum);
    assert_eq!(consistency("").unwrap(), Consistency::LocalOne);
    let error = consistency("SOME").unwrap_err().to_string();
    assert_eq!(error, "SOME is no consistency; write one such as LOCAL_ONE or LOCAL_QUORUM");
}
