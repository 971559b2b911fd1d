"""ServiceAccounts as people meet them in a real kubectl: tokens, and who may do what."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
import yaml

from tests import kubectls
from tests.apiserver.commands import Terminal
from tests.servers import Everynode

pytestmark = pytest.mark.kubectl
BOT = "system:serviceaccount:default:bot"
SECRET = 'secrets is forbidden: User "{}" cannot list resource "secrets" in API group "" in the namespace '


@pytest.fixture(name="at")
def _at(everynode: Everynode, tmp_path: Path) -> Terminal:
    """Sit down before a cluster with an account that may look at pods."""
    config = everynode.cluster(f"accounts-{uuid.uuid4().hex[:8]}", nodes=1)
    (tmp_path / "kubeconfig").write_text(config)
    terminal = Terminal(tmp_path, kubectls.kubectl())
    terminal.kubectl("create", "serviceaccount", "bot")
    terminal.kubectl("create", "role", "reader", "--verb=get,list,watch", "--resource=pods")
    terminal.kubectl("create", "rolebinding", "bots", "--role=reader", "--serviceaccount=default:bot")
    return terminal


def test_a_token_opens_what_its_account_may(at: Terminal) -> None:
    """It is made by kubectl, and the same kubectl goes in by it: no further than its role says."""
    token = at.says("create", "token", "bot", "--duration=20m")
    config = yaml.safe_load((at.folder / "kubeconfig").read_text())
    server = config["clusters"][0]["cluster"]["server"].rsplit("/", 1)[0]
    own = ("--server", f"{server}/{token}")
    assert at.kubectl(*own, "get", "pods").err.startswith("No resources found")
    assert SECRET.format(BOT) in at.refuses(*own, "get", "secrets")
    assert at.says(*own, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}") == BOT
    assert at.says(*own, "auth", "can-i", "list", "pods") == "yes"
    assert at.kubectl(*own, "auth", "can-i", "delete", "pods", code=1).out.strip() == "no"
    listed = at.says(*own, "auth", "can-i", "--list")
    assert "selfsubjectaccessreviews.authorization.k8s.io" in listed
    at.kubectl("delete", "serviceaccount", "bot")
    assert "must be logged in to the server" in at.refuses(*own, "get", "pods")


def test_acting_as_an_account(at: Terminal) -> None:
    """can-i and every other command answer by the same rules."""
    acting = ("--as", BOT)
    assert at.says(*acting, "auth", "can-i", "list", "pods") == "yes"
    assert at.kubectl(*acting, "auth", "can-i", "list", "nodes", code=1).out.startswith("no")
    assert SECRET.format(BOT) in at.refuses(*acting, "get", "secrets")
    at.kubectl(
        "create", "clusterrolebinding", "bots", "--clusterrole=cluster-admin", "--serviceaccount=default:bot"
    )
    assert at.says(*acting, "auth", "can-i", "delete", "nodes") == "yes"
    assert at.kubectl("--as=jane", "auth", "can-i", "list", "pods", code=1).out.startswith("no")
    at.kubectl("create", "rolebinding", "jane", "--clusterrole=view", "--user=jane")
    assert at.says("--as=jane", "auth", "can-i", "list", "pods") == "yes"


def test_words_of_a_refused_token(at: Terminal) -> None:
    """Too short a time, and an account that there is not."""
    assert "less than 10 minutes" in at.refuses("create", "token", "bot", "--duration=1m")
    assert 'serviceaccounts "none" not found' in at.refuses("create", "token", "none")
