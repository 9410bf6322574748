//! Connections that say nothing, or little, do not hold the host up; too many wait and are served.

use std::time::Duration;

use anyhow::Result;
use hearth::settings::Settings;
use hearth_tests::host::Host;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn ask(stream: &mut TcpStream) -> Result<String> {
    stream.write_all(b"GET /v1/health HTTP/1.1\r\nHost: here\r\n\r\n").await?;
    let mut bytes = vec![0; 4_096];
    let read = stream.read(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes[..read]).into_owned())
}

#[tokio::test]
async fn who_finds_no_place_waits_for_one() -> Result<()> {
    let mut settings = Settings::default();
    settings.edge.connections = 10;
    let host = Host::start_with(settings).await?;
    let place = host.base.trim_start_matches("http://").to_owned();
    let mut idle = Vec::new();
    for _ in 0..10 {
        let mut stream = TcpStream::connect(&place).await?;
        assert!(ask(&mut stream).await?.starts_with("HTTP/1.1 200"));
        idle.push(stream);
    }
    let mut waiting = TcpStream::connect(&place).await?;
    let mut answer = tokio::spawn(async move { ask(&mut waiting).await });
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut answer).await.is_err(), "there was no place");
    idle.pop();
    assert!(answer.await??.starts_with("HTTP/1.1 200"));
    drop(idle);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_head_without_end_ends() -> Result<()> {
    let host = Host::start().await?;
    let place = host.base.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&place).await?;
    stream.write_all(b"GET /v1/health HTTP/1.1\r\n").await?;
    // The host hangs up while it is still being told.
    let line = format!("X: {}\r\n", "a".repeat(1_000));
    let mut told = 0;
    while told < 10_000_000 && stream.write_all(line.as_bytes()).await.is_ok() {
        told += line.len();
    }
    assert!(told < 10_000_000, "{told}");
    host.stop().await;
    Ok(())
}
