"""``netpol-tui rbac``: the rights that reading a cluster takes, ready for ``kubectl apply``."""

from __future__ import annotations

import argparse
import sys

from policy_core.manifests.dumping import yaml_text
from policy_core.sources.cluster.rights import cluster_role, role
from tui.output import write_json

__all__ = ["NEEDS_NO_SOURCE", "add_arguments", "run"]

NEEDS_NO_SOURCE = True
_BIND_CLUSTER = "kubectl create clusterrolebinding netpol-tui --clusterrole=netpol-tui --user=NAME"
_BIND = "kubectl create rolebinding netpol-tui -n {namespace} --role=netpol-tui --user=NAME"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--namespace", metavar="NAME", help="a Role for this namespace alone")
    parser.add_argument("-o", "--output", choices=["yaml", "json"], default="yaml")
    parser.add_argument("--no-color", action="store_true", help="no colours (there are none)")


def run(options: argparse.Namespace) -> int:
    rights = role(options.namespace) if options.namespace else cluster_role()
    if options.output == "json":
        write_json(rights)
        return 0
    bind = _BIND.format(namespace=options.namespace) if options.namespace else _BIND_CLUSTER
    sys.stdout.write(f"# Reading only. To grant it: {bind}\n{yaml_text(rights, short=True)}")
    return 0
