//! Which addresses are out in the world. What is not, is somebody's own network, perhaps this host's: a name that leads there is how a
//! server is made to speak to what trusts it (OWASP, *Server-Side Request Forgery Prevention*).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ranges of IPv4 that are nobody's out in the world: IANA's *IPv4 Special-Purpose Address Registry*, and the addresses of groups.
const NOT_V4: &[(Ipv4Addr, u8, &str)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "a carrier's own"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "of a protocol"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation"),
    (Ipv4Addr::new(192, 31, 196, 0), 24, "of a protocol"),
    (Ipv4Addr::new(192, 52, 193, 0), 24, "of a protocol"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "of a tunnel"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(192, 175, 48, 0), 24, "of a protocol"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for measurements"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "of a group"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// Of IPv6 only 2000::/3 is given out; within it these are not anybody's out in the world (IANA's *IPv6 Special-Purpose Address
/// Registry*). All else is not, mapped and translated IPv4 (`::ffff:0:0/96`, `64:ff9b::/96`) included.
const NOT_V6: &[(Ipv6Addr, u8, &str)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "of a protocol"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "of a tunnel"),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48, "of a protocol"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation"),
];

/// What kind of address it is, where it is not out in the world.
#[must_use]
pub fn not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => {
            let within = |(net, bits, _): &&(Ipv4Addr, u8, &str)| (net.to_bits() ^ address.to_bits()) >> (32 - bits) == 0;
            NOT_V4.iter().find(within).map(|(_, _, kind)| *kind)
        }
        IpAddr::V6(address) => {
            if address.segments()[0] & 0xe000 != 0x2000 {
                return Some(kind_v6(address));
            }
            let within = |(net, bits, _): &&(Ipv6Addr, u8, &str)| (net.to_bits() ^ address.to_bits()) >> (128 - bits) == 0;
            NOT_V6.iter().find(within).map(|(_, _, kind)| *kind)
        }
    }
}

fn kind_v6(address: Ipv6Addr) -> &'static str {
    if address.is_loopback() {
        "this machine"
    } else if address.is_unique_local() {
        "private"
    } else if address.is_unicast_link_local() {
        "link-local"
    } else if address.is_multicast() {
        "of a group"
    } else if address.to_ipv4().is_some() || address.segments()[..2] == [0x64, 0xff9b] {
        "IPv4 in other clothes"
    } else {
        "reserved"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_in_the_world_is_found_so() {
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2600::1",
            "2a00:1450::1",
            "3ffe::1",
            "2620:4f:8001::1",
        ] {
            assert_eq!(not_public(text.parse().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_is_called_what_it_is() {
        for (text, kind) in [
            ("0.0.0.0", "this network"),
            ("0.1.2.3", "this network"),
            ("10.0.0.0", "private"),
            ("10.255.255.255", "private"),
            ("100.64.0.1", "a carrier's own"),
            ("100.127.255.255", "a carrier's own"),
            ("127.0.0.1", "this machine"),
            ("127.255.255.255", "this machine"),
            ("169.254.169.254", "link-local"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.0.0.170", "of a protocol"),
            ("192.0.2.1", "for documentation"),
            ("192.88.99.1", "of a tunnel"),
            ("192.168.255.255", "private"),
            ("198.19.255.255", "for measurements"),
            ("198.51.100.1", "for documentation"),
            ("203.0.113.255", "for documentation"),
            ("224.0.0.1", "of a group"),
            ("239.255.255.255", "of a group"),
            ("240.0.0.1", "reserved"),
            ("255.255.255.255", "reserved"),
            ("::", "IPv4 in other clothes"),
            ("::1", "this machine"),
            ("::ffff:8.8.8.8", "IPv4 in other clothes"),
            ("::ffff:127.0.0.1", "IPv4 in other clothes"),
            ("::7f00:1", "IPv4 in other clothes"),
            ("64:ff9b::a00:1", "IPv4 in other clothes"),
            ("64:ff9b:1::1", "IPv4 in other clothes"),
            ("100::1", "reserved"),
            ("2001::1", "of a protocol"),
            ("2001:1ff::1", "of a protocol"),
            ("2001:db8::1", "for documentation"),
            ("2002:7f00:1::", "of a tunnel"),
            ("3fff:fff::1", "for documentation"),
            ("5f00::1", "reserved"),
            ("fc00::1", "private"),
            ("fdff::1", "private"),
            ("fe80::1", "link-local"),
            ("fec0::1", "reserved"),
            ("ff02::1", "of a group"),
        ] {
            assert_eq!(not_public(text.parse().unwrap()), Some(kind), "{text}");
        }
    }
}
