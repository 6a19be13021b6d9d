//! The programs against real peers, over the loopback.
//!
//! A peer that is not installed is said to be skipped, never passed: CONTRIBUTING.md tells how to
//! install them all.

mod cut;
mod dns;
mod from_peers;
mod hostile;
mod http;
mod imap;
mod memcached;
mod modbus;
mod modbus_serial;
mod mqtt;
mod nats;
mod nmea;
mod packetstream;
mod peers;
mod pop3;
mod proxied;
mod redis;
mod server;
mod starttls;
mod stopping;
mod tftp;
mod tinyproto;
mod to_peers;
mod websocket;

use libtest_mimic::{Arguments, Trial};

use peers::Peer;

/// A test and the peers it needs.
type Test = (&'static str, &'static [Peer], fn());

const TESTS: &[Test] = &[
    ("smtp_source_delivers_5000_messages", &[Peer::SmtpSource], from_peers::smtp_source_messages),
    ("smtp_source_delivers_a_file", &[Peer::SmtpSource], from_peers::smtp_source_file),
    ("smtp_source_is_stopped_midway", &[Peer::SmtpSource], stopping::smtp_source),
    ("smtplib_is_stopped_midway", &[Peer::Python], stopping::smtplib),
    ("swaks_delivers", &[Peer::Swaks], from_peers::swaks),
    ("swaks_logs_in", &[Peer::Swaks], from_peers::swaks_auth),
    ("smtplib_delivers", &[Peer::Python], from_peers::smtplib),
    ("openssl_goes_on_under_tls", &[Peer::Openssl], starttls::openssl),
    ("swaks_goes_on_under_tls", &[Peer::Swaks], starttls::swaks),
    ("threads_deliver_to_aiosmtpd", &[Peer::Aiosmtpd], starttls::aiosmtpd),
    ("threads_deliver_to_both", &[], starttls::ours),
    ("sendmail_delivers_to_smtpd", &[], to_peers::smtpd),
    ("sendmail_delivers_to_smtp_sink", &[Peer::SmtpSink], to_peers::smtp_sink),
    ("sendmail_delivers_to_aiosmtpd", &[Peer::Aiosmtpd], to_peers::aiosmtpd),
    ("the_demo_runs", &[], to_peers::demo),
    ("nothing_is_smuggled", &[], hostile::smuggling),
    ("nothing_is_injected_before_tls", &[], hostile::starttls),
    ("a_long_line_is_passed_over", &[], hostile::long_line),
    ("pymodbus_asks_modbusd", &[Peer::Pymodbus], modbus::pymodbus_asks),
    ("pymodbus_answers", &[Peer::Pymodbus], modbus::pymodbus_answers),
    ("pymodbus_asks_serially", &[Peer::Pymodbus], modbus_serial::pymodbus_asks),
    ("pymodbus_answers_serially", &[Peer::Pymodbus], modbus_serial::pymodbus_answers),
    ("modbusd_answers", &[], modbus::modbusd_answers),
    ("redis_cli_asks_kv", &[Peer::RedisCli], redis::redis_cli),
    ("redis_benchmark_asks_kv", &[Peer::RedisBenchmark], redis::redis_benchmark),
    ("redis_py_asks_kv", &[Peer::Redis], redis::redis_py),
    ("redis_server_answers", &[Peer::RedisServer], redis::redis_server),
    ("kv_answers", &[], redis::kv_answers),
    ("mosquitto_talks_by_mqttd", &[Peer::MosquittoPub, Peer::MosquittoSub], mqtt::mosquitto_talks),
    (
        "mosquitto_talks_much_by_mqttd",
        &[Peer::MosquittoPub, Peer::MosquittoSub],
        mqtt::mosquitto_talks_much,
    ),
    ("mosquitto_answers", &[Peer::Mosquitto], mqtt::mosquitto_answers),
    ("mqttd_answers", &[], mqtt::mqttd_answers),
    ("tftp_asks", &[Peer::Tftp], tftp::tftp_hpa),
    ("tftpy_asks", &[Peer::Tftpy], tftp::tftpy_asks),
    ("poplib_asks", &[Peer::Python], pop3::poplib),
    ("curl_asks_for_mail", &[Peer::Curl], pop3::curl),
    ("dovecot_answers", &[Peer::Dovecot], pop3::dovecot),
    ("imaplib_asks", &[Peer::Python], imap::imaplib),
    ("aioimaplib_asks", &[Peer::Aioimaplib], imap::aioimaplib),
    ("curl_asks_for_mailboxes", &[Peer::Curl], imap::curl),
    ("dovecot_answers_imap", &[Peer::Dovecot, Peer::DovecotImap], imap::dovecot),
    ("pymemcache_asks", &[Peer::Pymemcache], memcached::pymemcache_asks),
    ("memcached_answers", &[Peer::Memcached], memcached::memcached_answers),
    ("nats_server_answers", &[Peer::NatsServer], nats::nats_server_answers),
    ("nats_py_asks", &[Peer::NatsPy], nats::nats_py_asks),
    ("packetstream_asks", &[Peer::Packetstream], packetstream::packetstream_asks),
    ("packetstream_answers", &[Peer::Packetstream], packetstream::packetstream_answers),
    ("tinyproto_asks", &[Peer::Tinyproto], tinyproto::tinyproto_asks),
    ("tinyproto_answers", &[Peer::Tinyproto], tinyproto::tinyproto_answers),
    ("packetstream_asks_and_is_cut", &[Peer::Packetstream], cut::packetstream_asks),
    ("packetstream_answers_and_is_cut", &[Peer::Packetstream], cut::packetstream_answers),
    ("tinyproto_asks_and_is_cut", &[Peer::Tinyproto], cut::tinyproto_asks),
    ("tinyproto_answers_and_is_cut", &[Peer::Tinyproto], cut::tinyproto_answers),
    ("pynmea2_talks", &[Peer::Pynmea2], nmea::pynmea2_talks),
    ("pynmea2_listens", &[Peer::Pynmea2], nmea::pynmea2_listens),
    ("dig_asks", &[Peer::Dig], dns::dig_asks),
    ("dnspython_asks", &[Peer::Dnspython], dns::dnspython_asks),
    ("dnspython_reads_the_same", &[Peer::Dnspython], dns::dnspython_reads_the_same),
    ("unbound_answers", &[Peer::Unbound], dns::unbound_answers),
    ("tftpy_answers", &[Peer::Tftpy], tftp::tftpy_answers),
    ("curl_speaks_by_proxy", &[Peer::Curl], proxied::curl_speaks),
    ("haproxy_speaks_and_hears", &[Peer::Haproxy], proxied::haproxy_speaks_and_hears),
    ("curl_asks_httpd", &[Peer::Curl], http::curl_asks),
    ("http_client_asks_httpd", &[Peer::Python], http::http_client_asks),
    ("wrk_asks_httpd", &[Peer::Wrk], http::wrk_asks),
    ("nginx_answers", &[Peer::Nginx], http::nginx_answers),
    ("websockets_asks_ws_echo", &[Peer::Websockets], websocket::websockets_asks),
    ("websockets_answers", &[Peer::Websockets], websocket::websockets_answers),
    ("chromium_asks_ws_echo", &[Peer::Chromium], websocket::chromium_asks),
];

fn main() {
    let arguments = Arguments::from_args();
    let trials = TESTS.iter().map(|(name, needs, test)| {
        let missing = needs.iter().find(|peer| !peer.is_there());
        let trial = Trial::test(*name, move || {
            test();
            Ok(())
        });
        match missing {
            Some(peer) => trial.with_kind(format!("skipped: no {peer}")).with_ignored_flag(true),
            None => trial,
        }
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}
