//! What goes out and what does not.

use axum::http::StatusCode;
use axum::http::header::LOCATION;

use super::*;
use crate::store::tests::code;

const OK: Says = Says::This("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");

#[tokio::test]
async fn a_request_arrives_as_it_should_and_its_answer_comes_back() {
    let world = World::new(true).await;
    let (server, base) = world.server("login.example", OK).await;
    let request = Request::post(format!("{base}/token?a=b")).header("Host", "other.example").header("X-Of-Ours", "1");
    let answer = world.door.send(&world.bristol, request.body(Bytes::from("grant=code")).unwrap()).await.unwrap();
    assert_eq!((answer.status(), answer.body().as_ref()), (StatusCode::OK, b"{}".as_slice()));
    let asked = server.asked().join("").to_lowercase();
    assert!(asked.starts_with("post /token?a=b http/1.1\r\n"), "{asked}");
    for line in [
        &format!("host: login.example:{}", server.port),
        "accept-encoding: identity",
        "connection: close",
        "x-of-ours: 1",
        "content-length: 10",
    ] {
        assert!(asked.contains(&format!("\r\n{line}\r\n")), "{line} is not in {asked}");
    }
    assert!(!asked.contains("other.example"), "{asked}");
}

#[tokio::test]
async fn what_was_not_opened_is_not_even_looked_up() {
    let world = World::new(false).await;
    world.name("open.example", &[&["8.8.8.8"]]);
    world.say("open.example", true).await;
    world.say("shut.example", true).await;
    world.say("shut.example", false).await;
    for address in
        ["https://shut.example/", "https://never.example/", "https://open.example:8443/", "https://8.8.8.8/", "https://[2600::1]/"]
    {
        let refused = world.get(address).await.unwrap_err();
        assert!(matches!(refused, Refused::NotOpened(_)), "{address}: {refused}");
    }
    for address in [
        "http://open.example/",
        "ftp://open.example/",
        "/path",
        "https://user@open.example/",
        "https://user:word@open.example/",
        "https://open.example:80/",
        "https://open.example:0/",
        "https://open.example:25/",
        "https://open_example/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://2130706433/",
        "https://open.example./",
    ] {
        let refused = world.get(address).await.unwrap_err();
        assert!(matches!(refused, Refused::Address(_)), "{address}: {refused}");
    }
    assert_eq!(world.looked_up(), Vec::<String>::new());
    // What another authority opened is its own.
    let leeds = world.house.stores.create_authority(&code("E08000035"), "Leeds").await.unwrap();
    let request = Request::get("https://open.example/").body(Bytes::new()).unwrap();
    assert!(matches!(world.door.send(&leeds, request).await, Err(Refused::NotOpened(_))));
}

#[tokio::test]
async fn a_name_that_leads_to_somebodys_own_network_leads_nowhere() {
    let world = World::new(false).await;
    let server = Server::at("127.0.0.1", 0, None, OK).await;
    let place = format!("hooks.example:{}", server.port);
    world.say(&place, true).await;
    for answer in [
        &["127.0.0.1"] as &[&str],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["10.1.2.3"],
        &["169.254.169.254"],
        &["fd00::1"],
        &["100.64.0.1"],
        &["0.0.0.0"],
        &["8.8.8.8", "127.0.0.1"],
        &["127.0.0.1", "8.8.8.8"],
    ] {
        world.name("hooks.example", &[answer]);
        let refused = world.get(&format!("https://{place}/")).await.unwrap_err();
        assert!(matches!(refused, Refused::NotPublic { .. }), "{answer:?}: {refused}");
        assert!(!answer.iter().any(|a| refused.to_string().contains(a)), "whose network it is stays there: {refused}");
    }
    // That an address itself was opened makes it no other.
    let address = format!("127.0.0.1:{}", server.port);
    world.say(&address, true).await;
    assert!(matches!(world.get(&format!("https://{address}/")).await, Err(Refused::NotPublic { kind: "this machine", .. })));
    world.name("hooks.example", &[&[]]);
    assert!(matches!(world.get(&format!("https://{place}/")).await, Err(Refused::NoSuchName(_))));
    assert_eq!(server.asked(), Vec::<String>::new());
}

/// Rebinding: an answer that is good while it is looked at, and another while it is connected to.
#[tokio::test]
async fn what_was_looked_at_is_what_is_connected_to() {
    let world = World::new(true).await;
    let (server, base) = world.server("twofold.example", OK).await;
    let second = Server::at("127.0.0.2", server.port, Some(world.signer.server("twofold.example", 2100)), OK).await;
    world.name("twofold.example", &[&["127.0.0.1"], &["127.0.0.2"], &["10.0.0.1"]]);
    world.get(&base).await.unwrap();
    assert_eq!((server.asked().len(), second.asked().len(), world.looked_up().len()), (1, 0, 1), "one look for one connection");
    world.get(&base).await.unwrap();
    assert_eq!((server.asked().len(), second.asked().len()), (1, 1), "the next is looked at anew");
    assert!(matches!(world.get(&base).await, Err(Refused::NotPublic { kind: "private", .. })));
    assert_eq!((server.asked().len(), second.asked().len(), world.looked_up().len()), (1, 1, 3));
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let world = World::new(true).await;
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data\r\nContent-Length: 0\r\n\r\n";
    let (server, base) = world.server("moved.example", Says::This(moved)).await;
    let answer = world.get(&base).await.unwrap();
    assert_eq!(
        (answer.status(), answer.headers()[LOCATION].to_str().unwrap()),
        (StatusCode::FOUND, "http://169.254.169.254/latest/meta-data")
    );
    assert_eq!((server.asked().len(), world.looked_up().len()), (1, 1));
}

#[tokio::test]
async fn an_answer_that_never_ends_does() {
    let world = World::with(true, Duration::from_millis(1_500)).await;
    let gzip = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    for (name, says) in [
        ("slow", Says::Slowly("HTTP/1.1 200 OK\r\n\r\n")),
        ("silent", Says::Slowly("HTTP/1.1 200 OK\r\nA: ")),
        ("bomb", Says::Endless(gzip, "8000\r\n")),
        (
            "chunks",
            Says::Endless(
                chunked,
                "100\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n",
            ),
        ),
        ("long", Says::Endless(huge, "0123456789")),
        ("lines", Says::Endless("HTTP/1.1 200 OK\r\n", "A: b\r\n")),
        ("short", Says::This("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")),
        ("nonsense", Says::This("SSH-2.0-OpenSSH_9.2\r\n")),
    ] {
        let (_server, base) = world.server(&format!("{name}.example"), says).await;
        let refused = world.get(&base).await.unwrap_err();
        let right = match name {
            "slow" | "silent" => matches!(refused, Refused::TookTooLong { .. }),
            "bomb" => matches!(refused, Refused::Compressed(_)),
            "chunks" | "long" => matches!(refused, Refused::TooLarge { .. }),
            _ => matches!(refused, Refused::NotReached { .. }),
        };
        assert!(right, "{name}: {refused}");
    }
}

#[tokio::test]
async fn a_certificate_is_the_names_own_in_force_and_of_somebody_who_is_trusted() {
    let world = World::new(true).await;
    let stranger = Signer::new();
    for tls in
        [world.signer.server("other.example", 2100), world.signer.server("mine.example", 2001), stranger.server("mine.example", 2100)]
    {
        let server = Server::at("127.0.0.1", 0, Some(tls), OK).await;
        world.name("mine.example", &[&["127.0.0.1"]]);
        let place = format!("mine.example:{}", server.port);
        world.say(&place, true).await;
        let refused = world.get(&format!("https://{place}/secret")).await.unwrap_err();
        assert!(matches!(refused, Refused::NotReached { .. }), "{refused}");
        assert!(!server.asked().join("").contains("secret"), "{:?}", server.asked());
    }
}

#[tokio::test]
async fn http_is_for_this_machine_alone_and_only_where_it_is_let() {
    let world = World::new(true).await;
    let server = Server::at("127.0.0.1", 0, None, OK).await;
    let place = format!("127.0.0.1:{}", server.port);
    assert!(matches!(world.get(&format!("http://{place}/")).await, Err(Refused::NotOpened(_))), "it has to be opened all the same");
    world.say(&place, true).await;
    assert_eq!(world.get(&format!("http://{place}/")).await.unwrap().status(), StatusCode::OK);
    world.say(&place, false).await;
    assert!(matches!(world.get(&format!("http://{place}/")).await, Err(Refused::NotOpened(_))), "closed at once");
    world.name("open.example", &[&["8.8.8.8"], &["10.0.0.1"]]);
    world.say("open.example:8080", true).await;
    for _ in 0..2 {
        let refused = world.get("http://open.example:8080/").await.unwrap_err();
        assert!(matches!(refused, Refused::NotPublic { .. }), "{refused}");
    }
    assert_eq!(server.asked().len(), 1);
}
