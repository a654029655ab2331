mod authority;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::counts::{Counts, Failure};
use super::*;
use crate::settings::{Component, Settings};
use authority::{Authority, renew};

const DEADLINE: Duration = Duration::from_secs(20);

/// Whoever comes is told "hello", under TLS.
async fn serve(acceptor: Acceptor) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, peer) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Some(mut stream) = acceptor.accept(stream, peer).await {
                    stream.write_all(b"hello").await.unwrap();
                    stream.shutdown().await.unwrap();
                }
            });
        }
    });
    address
}

/// What a client is told: under TLS 1.3 it hears of a refusal when it reads.
async fn ask(config: &ClientConfig, address: SocketAddr) -> Result<String, String> {
    let asked = async {
        let stream = TcpStream::connect(address).await?;
        let mut stream = config.connector(&[HTTP_2]).connect("localhost", stream).await?;
        let mut told = String::new();
        stream.read_to_string(&mut told).await?;
        Ok::<_, std::io::Error>(told)
    };
    tokio::time::timeout(DEADLINE, asked).await.expect("an answer in time").map_err(|error| error.to_string())
}

fn server(flags: &[(&str, String)]) -> Result<Acceptor, String> {
    let mut all = vec![("collector.grpc.tls.enabled".to_owned(), "true".to_owned())];
    all.extend(flags.iter().map(|(row, value)| (format!("collector.grpc.tls.{row}"), value.clone())));
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let settings = Settings::for_test(Component::Collector, &all);
    let made = Acceptor::from_settings(&settings, "collector.grpc", &[HTTP_2]);
    made.map(|made| made.expect("it is on")).map_err(|problem| problem.to_string())
}

fn client(flags: &[(&str, String)]) -> Result<ClientConfig, String> {
    let mut all = vec![("reporter.grpc.tls.enabled".to_owned(), "true".to_owned())];
    all.extend(flags.iter().map(|(row, value)| (format!("reporter.grpc.tls.{row}"), value.clone())));
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let settings = Settings::for_test(Component::Agent, &all);
    let made = ClientConfig::from_settings(&settings, "reporter.grpc");
    made.map(|made| made.expect("it is on")).map_err(|problem| problem.to_string())
}

fn cert_and_key(authority: &Authority, name: &str) -> [(&'static str, String); 2] {
    [("cert", authority.text(&format!("{name}.pem"))), ("key", authority.text(&format!("{name}.key")))]
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_is_answered_and_another_is_not() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    ours.issue("server");
    let address = serve(server(&cert_and_key(&ours, "server")).unwrap()).await;
    let good = client(&[("ca", ours.text("ca.pem"))]).unwrap();
    assert_eq!(ask(&good, address).await.as_deref(), Ok("hello"));
    let strange = client(&[("ca", theirs.text("ca.pem"))]).unwrap();
    let refused = ask(&strange, address).await.unwrap_err();
    assert!(refused.contains("UnknownIssuer") && refused.contains("--reporter.grpc.tls.*"), "{refused}");
    let careless = client(&[("skip-host-verify", "true".into())]).unwrap();
    assert_eq!(ask(&careless, address).await.as_deref(), Ok("hello"));
}

#[tokio::test]
async fn the_name_that_is_expected_is_the_flags_where_it_names_one() {
    let ours = Authority::new("ours");
    ours.issue("server");
    let address = serve(server(&cert_and_key(&ours, "server")).unwrap()).await;
    for (name, well) in [("127.0.0.1", true), ("localhost", true), ("collector.example", false)] {
        let config = client(&[("ca", ours.text("ca.pem")), ("server-name", name.into())]).unwrap();
        assert_eq!(ask(&config, address).await.is_ok(), well, "{name}");
    }
}

#[tokio::test]
async fn an_expired_certificate_is_refused_by_either_side() {
    let ours = Authority::new("ours");
    ours.issue("good");
    ours.issue_expired("old");
    let ca = ("ca", ours.text("ca.pem"));
    let address = serve(server(&cert_and_key(&ours, "old")).unwrap()).await;
    let refused = ask(&client(std::slice::from_ref(&ca)).unwrap(), address).await.unwrap_err();
    assert!(refused.contains("expired"), "{refused}");

    let [cert, key] = cert_and_key(&ours, "good");
    let address = serve(server(&[cert, key, ("client-ca", ca.1.clone())]).unwrap()).await;
    let [cert, key] = cert_and_key(&ours, "old");
    let refused = ask(&client(&[ca, cert, key]).unwrap(), address).await.unwrap_err();
    assert!(refused.contains("Expired"), "{refused}");
}

#[tokio::test]
async fn with_a_client_ca_only_its_clients_come_in() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    ours.issue("server");
    ours.issue("agent");
    theirs.issue("agent");
    let [cert, key] = cert_and_key(&ours, "server");
    let address = serve(server(&[cert, key, ("client-ca", ours.text("ca.pem"))]).unwrap()).await;
    let ca = ("ca", ours.text("ca.pem"));
    let with = |authority: &Authority| {
        let [cert, key] = cert_and_key(authority, "agent");
        client(&[ca.clone(), cert, key]).unwrap()
    };
    assert_eq!(ask(&with(&ours), address).await.as_deref(), Ok("hello"));
    let counts = Counts::of_server("collector.grpc");
    for (config, failure) in
        [(with(&theirs), Failure::Certificate), (client(std::slice::from_ref(&ca)).unwrap(), Failure::NoCertificate)]
    {
        let before = counts.count(failure);
        assert!(ask(&config, address).await.is_err(), "{failure:?}");
        assert!(counts.count(failure) > before, "{failure:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_its_own_authority_does_as_with_go() {
    let ours = Authority::new("ours");
    ours.issue_self_signed("server");
    ours.issue_self_signed("agent");
    ours.issue_self_signed("other");
    let [cert, key] = cert_and_key(&ours, "server");
    let address = serve(server(&[cert, key, ("client-ca", ours.text("agent.pem"))]).unwrap()).await;
    let with = |ca: &str, name: &str| {
        let [cert, key] = cert_and_key(&ours, name);
        client(&[("ca", ours.text(ca)), cert, key]).unwrap()
    };
    assert_eq!(ask(&with("server.pem", "agent"), address).await.as_deref(), Ok("hello"));
    assert!(ask(&with("other.pem", "agent"), address).await.is_err());
    assert!(ask(&with("server.pem", "other"), address).await.is_err());
}

#[tokio::test]
async fn what_is_no_tls_and_what_is_too_old_is_counted_and_does_no_harm() {
    let ours = Authority::new("ours");
    ours.issue("server");
    let [cert, key] = cert_and_key(&ours, "server");
    let address = serve(server(&[cert, key, ("min-version", "1.3".into())]).unwrap()).await;
    let counts = Counts::of_server("collector.grpc");
    let before = counts.count(Failure::NotTls);
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    // A reset is as good as an end.
    drop(plain.read_to_end(&mut rest).await);
    assert!(counts.count(Failure::NotTls) > before);
    let good = client(&[("ca", ours.text("ca.pem"))]).unwrap();
    assert_eq!(ask(&good, address).await.as_deref(), Ok("hello"));
}

#[tokio::test]
async fn renewed_files_hold_for_new_connections_and_broken_ones_do_not() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    for authority in [&old, &new] {
        authority.issue("server");
        authority.issue("agent");
    }
    let [cert, key] = cert_and_key(&old, "server");
    let address = serve(server(&[cert, key, ("client-ca", old.text("ca.pem"))]).unwrap()).await;
    let [cert, key] = cert_and_key(&old, "agent");
    let follows = client(&[("ca", old.text("ca.pem")), cert, key]).unwrap();
    let [cert, key] = cert_and_key(&new, "agent");
    let only_new = client(&[("ca", new.text("ca.pem")), cert, key]).unwrap();
    assert_eq!(ask(&follows, address).await.as_deref(), Ok("hello"));
    assert!(ask(&only_new, address).await.is_err());

    // The half of a renewal: a certificate that is not its key's.
    renew(&new.at("server.pem"), &old.at("server.pem"));
    until(|| Counts::of_server("collector.grpc").reloads_failed() > 0).await;
    assert_eq!(ask(&follows, address).await.as_deref(), Ok("hello"));

    for file in ["server.key", "ca.pem", "agent.pem", "agent.key"] {
        renew(&new.at(file), &old.at(file));
    }
    let renewed = async {
        while ask(&only_new, address).await.is_err() || ask(&follows, address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, renewed).await.expect("renewed in time");
}

async fn until(condition: impl Fn() -> bool) {
    let met = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, met).await.expect("in time");
}

#[test]
fn what_cannot_be_used_is_refused_with_flag_path_and_next_step() {
    let ours = Authority::new("ours");
    ours.issue("a");
    ours.issue("b");
    let file = |name: &str| ours.text(name);
    let (cert, key) = (("cert", file("a.pem")), ("key", file("a.key")));
    for (flags, words) in [
        (vec![cert.clone()], vec!["collector.grpc.tls.key", "needs a certificate and its key"]),
        (vec![cert.clone(), ("key", file("b.key"))], vec!["tls.key", "b.key", "is not the key of", "belong together"]),
        (vec![cert.clone(), ("key", file("none"))], vec!["tls.key", "cannot be read", "mount or make the file"]),
        (vec![cert.clone(), ("key", file("a.pem"))], vec!["tls.key", "holds no private key"]),
        (vec![("cert", file("a.key")), key.clone()], vec!["tls.cert", "holds no certificate"]),
        (vec![cert.clone(), key.clone(), ("client-ca", file("a.key"))], vec!["tls.client-ca", "a.key"]),
    ] {
        let problem = server(&flags).expect_err("a problem");
        for word in words {
            assert!(problem.contains(word), "{problem} has no {word}");
        }
    }
    let problem = client(&[cert]).expect_err("no key");
    assert!(problem.contains("reporter.grpc.tls.key") && problem.contains("without its key"), "{problem}");
    let problem = client(&[("server-name", "a:1".into())]).expect_err("no name");
    assert!(problem.contains("reporter.grpc.tls.server-name"), "{problem}");
}

#[test]
fn flags_without_the_one_that_turns_it_on_are_a_mistake() {
    let settings = Settings::for_test(Component::Agent, &[("reporter.grpc.tls.ca", "/ca.pem")]);
    let problem = ClientConfig::from_settings(&settings, "reporter.grpc").unwrap_err().to_string();
    assert!(problem.contains("--reporter.grpc.tls.enabled"), "{problem}");
    let settings = Settings::for_test(Component::Agent, &[("reporter.grpc.tls.enabled", "false")]);
    assert_eq!(ClientConfig::from_settings(&settings, "reporter.grpc"), Ok(None));
}

#[test]
fn under_tls_query_has_a_port_for_http_and_one_for_grpc() {
    let ours = Authority::new("ours");
    ours.issue("a");
    let (cert, key) = (ours.text("a.pem"), ours.text("a.key"));
    for (grpc, problems) in [(":16685", 0), (":16686", 1)] {
        let flags = [
            ("query.grpc-server.host-port", grpc),
            ("query.http.tls.enabled", "true"),
            ("query.http.tls.cert", &cert),
            ("query.http.tls.key", &key),
        ];
        let made = listeners(&Settings::for_test(Component::Query, &flags));
        assert_eq!(made.as_ref().err().map_or(0, Vec::len), problems, "{made:?}");
        assert!(made.is_err() || made.is_ok_and(|on| on.keys().eq(&["query.http"])));
    }
}

#[tokio::test]
async fn the_command_status_asks_an_admin_port_with_tls() {
    use crate::command::{Cli, Parsed};

    let ours = Authority::new("ours");
    ours.issue("admin");
    let tls = Some(server(&cert_and_key(&ours, "admin")).unwrap());
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let health = crate::health::Health::new();
    health.ready();
    let state = crate::admin::AdminState::new(health, crate::metrics::Registry::new());
    tokio::spawn(crate::admin::serve(crate::accept::Listener { tcp, tls }, state, crate::http::Shutdown::default()));
    for (scheme, wanted) in [("https", 0), ("http", 1)] {
        let arguments = ["q".to_owned(), "status".into(), format!("--status.http.host-port={scheme}://{address}")];
        let arguments = arguments.map(std::ffi::OsString::from);
        let asked = move || match Cli::new(Component::Query).run(arguments, Vec::new()) {
            Parsed::Exit(code) => code,
            Parsed::Run(_) => panic!("status runs nothing"),
        };
        assert_eq!(tokio::task::spawn_blocking(asked).await.unwrap(), wanted, "{scheme}");
    }
}
