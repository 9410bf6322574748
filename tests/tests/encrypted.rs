//! PostgreSQL over a network: encrypted, and with nobody whose name is not vouched for.

use std::str::FromStr as _;

use anyhow::{Context, Result};
use hearth_tests::Family;
use hearth_tests::database::Server;
use hearth_tests::host::Caller;
use hearth_tests::program::{Ran, Served, run, run_with};
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

/// A port that nobody listened to a moment ago.
fn a_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[tokio::test]
async fn a_host_reaches_its_database_encrypted_and_no_server_that_nobody_vouches_for() -> Result<()> {
    // As every test of PostgreSQL's: only where the run has it (`make test-postgres`).
    if std::env::var_os("HEARTH_TEST_POSTGRES").is_none() {
        return Ok(());
    }
    let (port, data) = (a_port()?, tempfile::tempdir()?);
    let server = Server::start_encrypted(port)?;
    let vouched = server.certificate();
    let url = |who: &str, host: &str, how: &str| format!("postgres://{who}@{host}:{port}/hearth?{how}");
    let verified = format!("sslmode=verify-full&sslrootcert={vouched}");

    let operators = url("postgres", "localhost", &verified).replace("/hearth?", "/postgres?");
    let mut operator = PgConnectOptions::from_str(&operators)?.disable_statement_logging().connect().await?;
    sqlx::raw_sql("CREATE ROLE test_owner LOGIN CREATEROLE; CREATE ROLE test_host LOGIN").execute(&mut operator).await?;
    sqlx::raw_sql("CREATE DATABASE hearth OWNER test_owner").execute(&mut operator).await?;
    let migrated = run(data.path(), &["migrate", "--database", &url("test_owner", "localhost", &verified), "--member", "test_host"]);
    assert_eq!(migrated.code, 0, "{}", migrated.err);

    let hosts = url("test_host", "localhost", &verified);
    let variables = [("HEARTH_DATABASE", hosts.as_str())];
    let token = |args: &[&str]| run_with(data.path(), &[&["token"], args].concat(), &variables).out.trim().to_owned();
    let served = Served::start_with(data.path(), &variables);
    Caller::new(&served.base, "", &token(&["--name", "operator"]))
        .post("/v1/authorities", json!({ "code": "E06000023", "name": "Bristol" }))
        .await?;
    let council = Caller::new(&served.base, "/v1/authorities/E06000023", &token(&["--name", "forms", "--authority", "E06000023"]));
    let family = Family::engaged("2026-01-01", &["health"]).child("son", "2014-01-01").called("B-1").json_without_feeds();
    let family = council.post("/families", family).await?["id"].as_str().context("a family has an id")?.to_owned();
    assert_eq!(council.get(&format!("/families/{family}")).await?["id"], family.as_str());
    let connections: Vec<(bool, String)> =
        sqlx::query_as("SELECT s.ssl, s.version FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'test_host'")
            .fetch_all(&mut operator)
            .await?;
    assert!(!connections.is_empty(), "the host is connected");
    assert!(connections.iter().all(|(encrypted, version)| *encrypted && version.starts_with("TLSv1.")), "{connections:?}");
    operator.close().await?;
    drop(served);

    let tried =
        |url: &str, variables: &[(&str, &str)]| -> Ran { run_with(data.path(), &["migrate", "--dry-run", "--database", url], variables) };
    // The machine's roots do not vouch for it, unless somebody says that they do.
    let of_the_machine = url("test_owner", "localhost", "sslmode=verify-full");
    for (url, why) in [
        (of_the_machine.clone(), "invalid peer certificate: UnknownIssuer"),
        (url("test_owner", "127.0.0.1", &verified), "certificate not valid for name \"127.0.0.1\""),
        (url("test_owner", "localhost", "sslmode=disable"), "no encryption"),
        (url("test_owner", "localhost", "sslmode=verify-full&sslrootcert=/nowhere/ca.crt"), "a certificate that the address names"),
    ] {
        let refused = tried(&url, &[]);
        assert_eq!(refused.code, 1, "{}", refused.out);
        assert_eq!(refused.err.matches(why).count(), 1, "{}", refused.err);
        assert!(refused.err.starts_with("hearth: the database is not ready: PostgreSQL at "), "{}", refused.err);
    }
    let by_the_machine = tried(&of_the_machine, &[("SSL_CERT_FILE", &vouched)]);
    assert_eq!(by_the_machine.code, 0, "{}", by_the_machine.err);
    Ok(())
}
