"""The addresses of the pages."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from dashboard.views import (
    account,
    alternatives,
    clock,
    clusters,
    create,
    cures,
    history,
    logs,
    map,  # noqa: A004 - the page of that name
    nodes,
    objects,
    overhead,
    pairs,
    people,
    pods,
    reach,
    search,
    sets,
    tokens,
)

CLUSTER = "clusters/<str:cluster>/"
NODE = CLUSTER + "nodes/<str:name>/"
SET = CLUSTER + "sets/<str:namespace>/<str:name>/"
KIND = CLUSTER + "objects/<str:plural>/"
OBJECT = KIND + "<str:namespace>/<str:name>/"
POD = CLUSTER + "pods/<str:namespace>/<str:name>/"

urlpatterns = [
    path("", clusters.home, name="home"),
    path("login/", LoginView.as_view(template_name="dashboard/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("audit/", history.audit, name="audit"),
    path("users/", people.users, name="users"),
    path("users/<int:person>/", people.user, name="user"),
    path("users/<int:person>/grant/", people.grant, name="user_grant"),
    path("users/<int:person>/admin/", people.admin, name="user_admin"),
    path("users/<int:person>/access/", people.access, name="user_access"),
    path("users/<int:person>/password/", people.password, name="user_password"),
    path("users/<int:person>/delete/", people.delete, name="user_delete"),
    path("account/", account.page, name="account"),
    path("account/password/", account.password, name="account_password"),
    path("account/tokens/", account.tokens, name="account_tokens"),
    path("account/tokens/<int:token>/revoke/", account.revoke, name="token_revoke"),
    path("clusters/", clusters.overview, name="clusters"),
    path("import/", clusters.bring, name="import"),
    path(CLUSTER, map.page, name="map"),
    path(CLUSTER + "cure/", cures.cure, name="cure"),
    path(CLUSTER + "clock/", clock.clock, name="clock"),
    path(CLUSTER + "settings/", clusters.settings, name="settings"),
    path(CLUSTER + "settings/rename/", clusters.rename, name="rename"),
    path(CLUSTER + "settings/copy/", clusters.copy, name="copy"),
    path(CLUSTER + "settings/export/", clusters.save, name="export"),
    path(CLUSTER + "settings/reset/", clusters.reset, name="reset"),
    path(CLUSTER + "settings/trim/", clusters.trim, name="trim"),
    path(CLUSTER + "settings/delete/", clusters.delete, name="delete"),
    path(CLUSTER + "search/", search.search, name="search"),
    path(CLUSTER + "passes/", history.passes, name="passes"),
    path(CLUSTER + "events/", history.events, name="events"),
    path(CLUSTER + "logs/", logs.logs, name="logs"),
    path(CLUSTER + "overhead/", overhead.page, name="overhead"),
    path(CLUSTER + "undo/<int:entry>/", history.undo, name="undo"),
    path(CLUSTER + "reach/", reach.page, name="reach"),
    path(CLUSTER + "reach/act/", reach.act, name="reach_act"),
    path(CLUSTER + "alternatives/", alternatives.page, name="alternatives"),
    path(CLUSTER + "alternatives/act/", alternatives.act, name="alternatives_act"),
    path(CLUSTER + "kubectl/", tokens.page, name="kubectl"),
    path(CLUSTER + "kubectl/kubeconfig/", tokens.download, name="kubeconfig"),
    path(CLUSTER + "create/", create.create, name="create"),
    path(CLUSTER + "table/", nodes.overview, name="table"),
    path(CLUSTER + "table.csv", nodes.as_file, name="table_csv"),
    path(CLUSTER + "table/add/", nodes.add, name="nodes_add"),
    path(CLUSTER + "table/chosen/", nodes.bulk, name="nodes_bulk"),
    path(NODE, nodes.page, name="node"),
    path(NODE + "state/", nodes.state, name="node_state"),
    path(NODE + "pressure/", nodes.pressure, name="node_pressure"),
    path(NODE + "label/", nodes.label, name="node_label"),
    path(NODE + "labels/", nodes.labels, name="node_labels"),
    path(NODE + "taints/", nodes.taints, name="node_taints"),
    path(SET, sets.page, name="daemonset"),
    path(SET + "nodes/", pairs.page, name="pairs"),
    path(SET + "do/", sets.act, name="daemonset_act"),
    path(SET + "edit/", objects.set_edit, name="edit"),
    path(CLUSTER + "objects/", objects.kinds, name="objects"),
    path(KIND, objects.listed, name="objects_of"),
    path(OBJECT, objects.page, name="object"),
    path(OBJECT + "do/", objects.act, name="object_act"),
    path(OBJECT + "edit/", objects.edit, name="object_edit"),
    path(CLUSTER + "pods/", pods.listed, name="pods"),
    path(POD, pods.page, name="pod"),
    path(POD + "shell/", logs.shell, name="shell"),
    path(POD + "delete/", pods.delete, name="pod_delete"),
    path(POD + "behaviour/", pods.behaviour, name="pod_behaviour"),
]
