"""Tokens: told once, kept as a hash, revocable by their owner alone."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from controller import models
from controller.engine.errors import NotFound
from controller.queries.tokens import token_known, tokens_of
from controller.services import clusters
from controller.services.tokens import PREFIX, token_create, token_revoke
from tests.clusters import PERSON, cluster

pytestmark = pytest.mark.django_db


@pytest.fixture(name="user")
def _user() -> int:
    return get_user_model().objects.create_user(PERSON).pk


def make(tried: int, user: int) -> str:
    """Return the text of a new token."""
    return token_create(cluster=tried, user=user, actor=PERSON, note="kubeconfig")


def test_the_text_is_kept_nowhere(user: int) -> None:
    """Only a hash stands in the database, and the audit list tells that a token was made."""
    text = make(cluster(), user)
    assert text.startswith(PREFIX)
    held = models.Token.objects.get()
    assert text not in str(held.__dict__)
    entry = models.AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.actor, entry.cluster_name, entry.action) == (PERSON, "tried", "token_create")


def test_each_token_is_another(user: int) -> None:
    """Files can be handed out and taken back one by one."""
    tried = cluster()
    first, second = make(tried, user), make(tried, user)
    assert first != second
    assert [one.id for one in tokens_of(cluster=tried, user=user)] == [
        token.pk for token in models.Token.objects.order_by("-id")
    ]


def test_a_revoked_token_is_known_no_more(user: int) -> None:
    """It vanishes from the owner's list as well, and cannot be revoked twice."""
    tried = cluster()
    text, held = make(tried, user), models.Token.objects.get()
    assert token_known(text=text) == held
    token_revoke(user=user, actor=PERSON, token=held.pk)
    assert token_known(text=text) is None
    assert tokens_of(cluster=tried, user=user) == []
    with pytest.raises(NotFound):
        token_revoke(user=user, actor=PERSON, token=held.pk)


def test_nobody_revokes_the_token_of_another(user: int) -> None:
    """To others it is as if it were not there."""
    tried, other = cluster(), get_user_model().objects.create_user("bob").pk
    make(tried, user)
    with pytest.raises(NotFound):
        token_revoke(user=other, actor="bob", token=models.Token.objects.get().pk)


def test_tokens_go_with_their_cluster(user: int) -> None:
    """A cluster of the same name that is made later is not opened by them."""
    tried = cluster()
    text = make(tried, user)
    clusters.cluster_delete(cluster=tried, actor=PERSON)
    cluster()
    assert token_known(text=text) is None


def test_a_token_needs_a_cluster(user: int) -> None:
    """A cluster that was deleted meanwhile gets none."""
    with pytest.raises(NotFound):
        make(0, user)
