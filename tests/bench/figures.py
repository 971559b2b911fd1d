"""The figures of the benches, each with what it is held against, and the table that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, its ``target`` (the most that is allowed), and what a ``real`` control plane needs."""

    key: str
    what: str
    real: str
    target: float
    unit: str


FIGURES = (
    Figure("create_1000_s", "DaemonSet created on 1,000 nodes -> all Ready", "3.7-5.2 s", 1.3, "s"),
    Figure("roll_10pct_s", "rolling update of it, maxUnavailable 10 %", "7.7-8.6 s", 4.0, "s"),
    Figure("roll_1_s", "rolling update of it, maxUnavailable 1", "78 s", 40.0, "s"),
    Figure("deploy_1000_s", "Deployment of 1,000 pods on 100 nodes -> all Ready", "-", 1.0, "s"),
    Figure("deploy_roll_s", "rolling update of it, 25 % more and 25 % less", "-", 1.5, "s"),
    Figure("statefulset_100_s", "StatefulSet of 100, one after the other", "-", 1.5, "s"),
    Figure("label_commit_ms", "one label edit -> pod row committed", "6-14 ms", 15.0, "ms"),
    Figure("label_socket_ms", "one label edit -> delta on a socket", "-", 40.0, "ms"),
    Figure("label_5000_over_50", "label edit at 5,000 nodes / at 50 nodes", "about 1", 1.5, ""),
    Figure("label_watch_ms", "one label patched by HTTP -> its pod in a watch", "16 ms", 14.0, "ms"),
    Figure("list_sets_ms", "`get ds` as a Table at 1,000 nodes", "-", 15.0, "ms"),
    Figure("table_pods_ms", "5,000 pods as a Table", "-", 400.0, "ms"),
    Figure("table_pods_mb", "... and what that adds to the web process", "-", 60.0, "MB"),
    Figure("watch_p99_ms", "200 watches at 200 changes a second, p99 behind the commit", "-", 500.0, "ms"),
    Figure("rss_mb", "memory of all processes at 1,000 nodes", "1,350-1,800 MB", 450.0, "MB"),
    Figure("create_100k_s", "20 DaemonSets on 5,000 nodes -> 100,000 pods Ready", "-", 30.0, "s"),
    Figure(
        "schedule_1000_s", "1,000 pods of a ReplicaSet on 5,000 nodes -> all bound (engine)", "-", 3.0, "s"
    ),
    Figure("fork_ms", "a fork of a world of 100,000 pods, with an edit in it", "-", 100.0, "ms"),
    Figure("what_if_label_s", "what-if of a label on 500 nodes at that size (engine)", "-", 1.0, "s"),
    Figure("race_s", "race of four strategies on 500 nodes (engine)", "-", 2.0, "s"),
    Figure("cold_pass_s", "worker killed at that size -> next pass committed", "-", 5.0, "s"),
    Figure("worker_mb", "memory of the worker at that size", "-", 800.0, "MB"),
    Figure("web_mb", "memory of the web process whose map is looked at", "-", 250.0, "MB"),
    Figure("database_mb", "the database after it", "-", 500.0, "MB"),
    Figure("snapshot_kb", "map of that cluster: snapshot on the wire", "-", 250.0, "kB"),
    Figure("first_paint_s", "... first useful paint in a browser", "-", 1.5, "s"),
    Figure("delta_ms", "... a delta of 250 cells, 10 a second: main thread", "-", 8.0, "ms"),
    Figure("delta_longest_ms", "... the longest task meanwhile, 0: none over 50 ms", "-", 0.0, "ms"),
    Figure("heap_growth", "... heap after ten minutes of them / before", "-", 1.1, ""),
    Figure("change_ms", "... the slowest change of view, group or filter: main thread", "-", 100.0, "ms"),
    Figure("explain_ms", "... a cell explained: the server's answer", "-", 50.0, "ms"),
    Figure("table_ms", "... a page of the table of nodes brought up to date", "-", 250.0, "ms"),
    Figure("jump_ms", "... a jump to one of 100,000 changes: page and map", "-", 500.0, "ms"),
    Figure("two_browsers_ms", "label set in one browser -> its pod seen in another", "-", 120.0, "ms"),
    Figure("crowd_p99_ms", "500 sockets of one web process: commit -> frame, p99", "-", 250.0, "ms"),
    Figure("crowd_web_mb", "memory of that web process", "-", 250.0, "MB"),
    Figure("scrape_s", "/metrics of 30,000 daemon pods on 5,000 nodes", "-", 1.0, "s"),
    Figure("first_scrape_s", "... the first after the start of the web process", "-", 3.0, "s"),
    Figure("scrape_mb", "... on the wire", "-", 10.0, "MB"),
    Figure("class_label_p95_ms", "30 clusters rolling at once: label -> pod, p95", "-", 150.0, "ms"),
    Figure("class_mb", "memory of all processes meanwhile", "-", 600.0, "MB"),
    Figure("mirror_first_map_s", "real cluster of 5,000 nodes, 150,000 pods: added -> map", "-", 20.0, "s"),
    Figure("mirror_mb", "... memory of the mirror that follows it", "-", 400.0, "MB"),
    Figure("mirror_p99_ms", "... 500 pods a second change: p99 behind on the screen", "-", 500.0, "ms"),
    Figure("first_page_s", "`make run` (set up before) -> first live page", "3-4 s (no page)", 4.0, "s"),
)


def table(measured: Mapping[str, float]) -> str:
    """Return the table of what was measured; a figure that misses its target says so."""
    lines = ["| figure | real control plane | to reach | measured |", "| --- | --- | --- | --- |"]
    for each in FIGURES:
        if each.key not in measured:
            continue
        value = measured[each.key]
        told = f"{value:.4g} {each.unit}".strip() + ("" if value <= each.target else " MISSED")
        aim = f"<= {each.target:g} {each.unit}".strip()
        lines.append(f"| {each.what} | {each.real} | {aim} | {told} |")
    return "\n".join(lines)
