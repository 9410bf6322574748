//! Letters: into a folder, and to a server that speaks SMTP.

use std::path::PathBuf;

use lettre::transport::smtp::client::Certificate;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::super::mail::{Letter, Mail, NotSent};
use super::*;

const LETTERS: [Letter<'static>; 4] = [
    Letter::Waits { link: "https://hearth.example/tasks" },
    Letter::Invitation { council: "Bristol", link: "https://hearth.example/invitations/1" },
    Letter::Code { code: "271828", minutes: 10 },
    Letter::Referral { link: "https://hearth.example" },
];

/// A mail server of one letter a connection, under TLS from the first byte; it keeps what it is told.
async fn server(signer: &Signer, refuses: bool) -> (u16, Arc<Mutex<Vec<String>>>) {
    let tls = signer.server("localhost", 2100);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let (port, told) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let keeps = told.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = tls.accept(stream).await else { continue };
            let (read, mut write) = tokio::io::split(stream);
            let mut lines = BufReader::new(read).lines();
            let mut say = async |line: &str| drop(write.write_all(format!("{line}\r\n").as_bytes()).await);
            say("220 localhost").await;
            let mut letter = false;
            while let Ok(Some(line)) = lines.next_line().await {
                keeps.lock().unwrap().push(line.clone());
                match line.split(' ').next().unwrap_or_default() {
                    "." => {
                        letter = false;
                        say("250 taken in").await;
                    }
                    _ if letter => {}
                    "EHLO" => say("250-localhost\r\n250-8BITMIME\r\n250 AUTH PLAIN").await,
                    "AUTH" if refuses => say("535 not so").await,
                    "AUTH" => say("235 good").await,
                    "DATA" => {
                        letter = true;
                        say("354 go on").await;
                    }
                    "QUIT" => break,
                    _ => say("250 good").await,
                }
            }
        }
    });
    (port, told)
}

#[tokio::test]
async fn a_letter_lies_in_the_folder_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let mail = Mail::through(&format!("folder:{}", folder.path().display()), Some("Hearth <hearth@bristol.example>"), None).unwrap();
    for letter in &LETTERS {
        mail.send("Priya Nair <priya@hill.example>", letter).await.unwrap();
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        assert_eq!(path.extension().unwrap(), "eml");
        found.push(std::fs::read_to_string(path).unwrap());
    }
    assert_eq!(found.len(), LETTERS.len());
    for letter in &found {
        assert!(
            letter.contains("From: Hearth <hearth@bristol.example>") || letter.contains("From: \"Hearth\" <hearth@bristol.example>"),
            "{letter}"
        );
        assert!(letter.contains("priya@hill.example") && letter.contains("Content-Type: text/plain; charset=utf-8"), "{letter}");
        let (_, body) = letter.split_once("\r\n\r\n").unwrap();
        assert!(!body.contains("Priya"), "nobody is named: {letter}");
    }
    for letter in &LETTERS {
        let (english, welsh) = {
            let text = letter.to_string();
            let (e, w) = text.split_once("\n\n").unwrap();
            (e.to_owned(), w.to_owned())
        };
        let names = |text: &str| ["https://", "271828"].iter().filter(|w| text.contains(**w)).count();
        assert_eq!((names(&english), names(&welsh)), (1, 1), "the same in both: {letter}");
    }
}

#[tokio::test]
async fn a_server_is_told_the_password_of_the_moment_and_the_letter() {
    let signer = Signer::new();
    let (port, told) = server(&signer, false).await;
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    let root = Certificate::from_der(signer.0.der().to_vec()).unwrap();
    let mail = Mail::through_trusting(&format!("smtps://hearth@localhost:{port}"), Some(password.clone()), root).unwrap();
    let without = mail.send("priya@hill.example", &LETTERS[0]).await.unwrap_err();
    assert!(matches!(without, NotSent::Password(_)), "{without}");
    for word in ["first", "second"] {
        std::fs::write(&password, format!("{word}\n")).unwrap();
        mail.send("priya@hill.example", &LETTERS[2]).await.unwrap();
        let said = std::mem::take(&mut *told.lock().unwrap()).join("\n");
        let auth = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("\0hearth\0{word}"));
        assert!(said.contains(&format!("AUTH PLAIN {auth}")), "{said}");
        assert!(said.contains("RCPT TO:<priya@hill.example>") && said.contains("271828"), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_or_is_another_is_told_nothing_and_nobody_is_named() {
    let (signer, stranger) = (Signer::new(), Signer::new());
    let (port, told) = server(&signer, true).await;
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "hush").unwrap();
    for (signer, expected) in [(&signer, "refused the letter, or the password"), (&stranger, "")] {
        let root = Certificate::from_der(signer.0.der().to_vec()).unwrap();
        let mail = Mail::through_trusting(&format!("smtps://hearth@localhost:{port}"), Some(password.clone()), root).unwrap();
        let refused = mail.send("priya@hill.example", &LETTERS[2]).await.unwrap_err();
        assert!(matches!(&refused, NotSent::Server(why) if why.contains(expected)), "{refused}");
        assert!(!refused.to_string().contains("priya"), "{refused}");
    }
    assert!(!told.lock().unwrap().join("").contains("priya"), "{told:?}");
}

#[tokio::test]
async fn what_is_said_of_mail_is_checked_at_the_start() {
    let password = || Some(PathBuf::from("/run/secrets/mail"));
    for (way, password) in [
        ("", None),
        ("folder:", None),
        ("mail.example", None),
        ("https://mail.example", None),
        ("smtps://hearth:word@mail.example", password()),
        ("smtps://hearth@mail.example", None),
        ("smtps://mail.example", password()),
        ("smtps://hearth@mail.example:none", password()),
        ("smtps://hearth@", password()),
    ] {
        let refused = Mail::through(way, None, password).unwrap_err();
        assert_eq!(refused.field, "HEARTH_MAIL", "{way}: {refused}");
        assert!(!refused.to_string().contains("word@"), "{refused}");
    }
    assert_eq!(Mail::through("folder:x", Some("nobody"), None).unwrap_err().field, "HEARTH_MAIL_FROM");
    for (way, password) in
        [("smtp://mail.example", None), ("smtp://a@b.example@mail.example:2525", password()), ("smtps://192.0.2.1", None)]
    {
        Mail::through(way, None, password).unwrap();
    }
    assert!(matches!(Mail::nowhere().send("priya@hill.example", &LETTERS[0]).await, Err(NotSent::Nowhere)));
    let mail = Mail::through("folder:/nowhere", None, None).unwrap();
    assert!(matches!(mail.send("priya", &LETTERS[0]).await, Err(NotSent::Recipient)));
}
