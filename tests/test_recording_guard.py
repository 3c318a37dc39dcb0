"""The address guard: no request goes to a private place in any spelling or by any name."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from origin import Origin, answer
from plain_warc import read_records
from recorded_crawl import crawl

from crawler.model.private_addresses import is_private, private_hosts

PRIVATE = ["127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"]
PRIVATE += ["100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::"]
PRIVATE += ["::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"]
PRIVATE += ["64:ff9b:1::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1"]
PRIVATE += ["2002:7f00:1::", "2002:a00:1::"]
PUBLIC = ["8.8.8.8", "1.1.1.1", "103.4.145.245", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public_unicast_are_private(address):
    assert is_private(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not_private(address):
    assert not is_private(ip_address(address))


HOSTS = ["127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001", "2130706433", "0"]
HOSTS += ["10.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[fe80::1%25eth0]", "[64:ff9b::7f00:1]", "localhost"]
HOSTS += ["LOCALHOST", "localhost.", "a.localhost", "user:pw@localhost", "127.0.0.1.", "１２７.0.0.1", "127。0。0。1"]
HOSTS += ["127．1"]


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_private_as_written_need_no_dns(host):
    assert len(private_hosts([f"http://{host}:8000/page", f"https://{host}/"])) == 1


def test_other_hosts_are_not_private_as_written():
    urls = ["https://samakal.com/x", "http://8.8.8.8/", "http://localhost.example/", "http://[::1", "no address"]
    assert private_hosts([*urls, "http://134744072/", "http://127.0.0.1.example/"]) == []


def test_a_crawl_requests_no_private_places(tmp_path):
    routes = {"/there": answer(b"here"), "/away": [b"HTTP/1.1 302 Found\r\nLocation: TARGET\r\n\r\n"]}
    with Origin(routes) as origin, Origin({}) as proxy:
        target = f"{origin.base}/there".encode()
        proxy.routes = {"/away": answer(b"", b"Location: " + target, status=b"302 Found")}
        hosts = ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:7f00:1]"]
        hosts += ["inside.example", "rebinding.example"]
        wanted = [{"url": f"http://{host}:{origin.port}/there"} for host in hosts]
        wanted.append({"url": f"https://rebinding-tls.example:{origin.port}/there"})
        wanted.append({"url": "http://paper.example/away", "meta": {"proxy": proxy.base}})
        unknown = {"url": "http://nowhere.example/there", "meta": {"dont_retry": True}}
        seen, stats = crawl(
            tmp_path,
            [*wanted, unknown],
            ALLOW_PRIVATE_ADDRESSES=False,
            ROBOTSTXT_OBEY=False,
            DNS_RESOLVER="recorded_crawl.HostsResolver",
        )
        assert (origin.log, origin.bytes_received) == ([], 0)
        # Only the names whose answer changed got as far as a connection.
        assert origin.connections == 2
        assert len(proxy.log) == 1
    *refused, not_found = seen
    assert {entry.get("error") for entry in refused} == {"PrivateAddress"}
    assert not_found["error"] == "CannotResolveHostError"
    assert all(entry.get("capture") is None for entry in seen)
    assert stats["khobor/refused_addresses"] == len(wanted)
    assert "retry/count" not in stats


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_an_ipv6_literal_is_requested_and_its_address_recorded(tmp_path, secure):
    with Origin({"/there": answer(b"here")}, tls=secure, host="::1") as origin:
        seen, _ = crawl(tmp_path, [{"url": f"{origin.base}/there"}])
        log = list(origin.log)
    assert [entry.get("status") for entry in seen] == [200]
    (warc,) = (tmp_path / "archive").rglob("*.warc.gz")
    _, *records = read_records(warc)
    assert {record.get("WARC-IP-Address") for record in records} == {"::1"}
    assert f"Host: [::1]:{origin.port}".encode() in log[-1].received
    uris = {record.get("WARC-Target-URI") for record in records}
    assert uris == {f"{origin.base}/robots.txt", f"{origin.base}/there"}


def test_ipv6_literals_are_guarded_however_they_hold_a_private_address(tmp_path):
    with Origin({"/there": answer(b"here")}, host="::1") as six, Origin({"/there": answer(b"here")}) as four:
        hosts = {six: ["[::1]", "[0:0::1]", "[0000::0001]"], four: ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]"]}
        hosts[four] += ["[64:ff9b::7f00:1]", "[2002:7f00:1::]"]
        wanted = [{"url": f"http://{host}:{origin.port}/there"} for origin, names in hosts.items() for host in names]
        seen, _ = crawl(tmp_path, wanted, ALLOW_PRIVATE_ADDRESSES=False, ROBOTSTXT_OBEY=False)
        assert (six.connections, four.connections) == (0, 0)
    assert {entry.get("error") for entry in seen} == {"PrivateAddress"}
