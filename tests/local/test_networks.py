"""Who of the shipped deployment may reach whom: each service has the networks it needs, and what leaves them is on a list."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cloudlicenses.web.outgoing.addresses import NAT64, SPECIAL, is_public

PROJECT = Path(__file__).resolve().parents[2]
RULES = PROJECT / "deploy" / "egress" / "egress.nft"
MAY_REACH = {
    "authority": {"inside"}, "postgres": {"inside"}, "valkey": {"inside"}, "migrate": {"inside"}, "beat": {"inside"},
    "web": {"inside", "names"}, "web-2": {"inside", "names"}, "worker": {"inside", "mail"},
    "worker-outward": {"inside", "outward"}, "nginx": {"front"}, "logs": {"logs"},
}  # fmt: skip
# What is routed out of each network, besides answers to those who came in.
LEAVES = {
    "cl-front": "nothing",
    "cl-names": "names",
    "cl-mail": "names, mail",
    "cl-outward": "names, anything by TCP",
    "cl-logs": "names, logs",
}


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())


def test_each_service_is_in_the_networks_that_it_needs(compose: Any) -> None:
    assert {name: set(service["networks"]) for name, service in compose["services"].items()} == MAY_REACH


def test_from_inside_nothing_leads_out(compose: Any) -> None:
    networks = dict(compose["networks"])
    assert networks.pop("inside") == {"internal": True}
    interfaces = {network["driver_opts"]["com.docker.network.bridge.name"] for network in networks.values()}
    assert interfaces == set(LEAVES)
    assert all(len(name) <= 15 for name in interfaces), "the kernel takes no longer name of an interface"


def test_one_service_alone_reaches_strangers(compose: Any) -> None:
    assert [name for name, networks in MAY_REACH.items() if "outward" in networks] == ["worker-outward"]
    assert "outward" in compose["services"]["worker-outward"]["command"]


def test_only_the_proxy_is_reached_from_outside_and_it_reaches_web_by_sockets(compose: Any) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"nginx": ["80:80", "443:443"]}
    mounted = {
        name for name, service in compose["services"].items() if any("sockets:" in one for one in service["volumes"])
    }
    assert mounted == {"nginx", "web", "web-2"}
    proxied = (PROJECT / "deploy/nginx/cloudlicenses.conf").read_text()
    for name in ("web", "web-2"):
        assert f"/run/web/{name}.sock" in compose["services"][name]["command"]
        assert f"server unix:/run/web/{name}.sock" in proxied
        assert compose["services"][name]["environment"]["TRUSTED_PROXIES"] == "unix"


def test_everybodys_identity_is_seen_by_its_owner_alone(compose: Any) -> None:
    """The authority's own key by nobody else."""
    held: dict[str, set[str]] = {}
    for name, service in compose["services"].items():
        for volume in service["volumes"]:
            held.setdefault(volume.partition(":")[0], set()).add(name)
    product = {"migrate", "web", "web-2", "worker", "worker-outward", "beat"}
    assert held["authority"] == held["inside-authority"] == {"authority"}
    assert held["inside-postgres"] == {"authority", "postgres"}
    assert held["inside-valkey"] == {"authority", "valkey"}
    assert held["inside-product"] == {"authority"} | product


def test_every_interface_is_judged() -> None:
    text = RULES.read_text()
    assert re.findall(r"^ +iifname \{ (.+) \}", text, re.MULTILINE) == [", ".join(f'"{name}"' for name in LEAVES)] * 2
    judged = text.partition("chain judged {")[2].partition("}\n\n")[0].strip().splitlines()
    order = [line.strip() for line in judged if line.strip() != "}"]
    assert order == [
        "ct state established,related accept",
        'iifname "cl-front" drop',
        "ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept",
        'iifname "cl-mail" ip daddr @mail_servers tcp dport { 465, 587 } accept',
        'iifname "cl-logs" ip daddr @log_servers tcp dport 6514 accept',
        "ip daddr @private4 drop",
        "ip6 daddr @private6 drop",
        "meta l4proto { tcp, udp } th dport 53 accept",
        'iifname "cl-mail" tcp dport { 465, 587 } accept',
        'iifname "cl-logs" tcp dport 6514 accept',
        'iifname "cl-outward" meta l4proto tcp accept',
        "drop",
    ]


def test_no_private_address_is_left_out() -> None:
    """Those that webhooks refuse by themselves, and those that Python knows of: a stranger's name may lead there."""
    refused = list(ranges())
    assert [network for network in refused if is_public(network.network_address)] == []
    known = [*SPECIAL, *NAT64, *map(ipaddress.ip_network, PRIVATE)]
    left_out = [one for one in known if not any(one.version == two.version and one.subnet_of(two) for two in refused)]
    assert left_out == []


PRIVATE = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4",
    "255.255.255.255/32", "::1/128", "::ffff:0:0/96", "fc00::/7", "fe80::/10", "ff00::/8", "2002::/16", "2001:db8::/32",
)  # fmt: skip


def ranges() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    sets = re.findall(r"set private\d \{.*?elements = \{(.*?)\}", RULES.read_text(), re.DOTALL)
    assert len(sets) == 2
    return [ipaddress.ip_network(one.strip()) for found in sets for one in found.split(",")]
