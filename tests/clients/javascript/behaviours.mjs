// What the JavaScript client does with a cluster: run by Node's own test runner.
// The client lies in the folder that CLIENT names, not beside this file.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { PassThrough, Readable, Writable } from "node:stream";
import { after, before, test } from "node:test";

const k8s = createRequire(`${process.env.CLIENT}/`)("@kubernetes/client-node");
const SECONDS = 20;
const kc = new k8s.KubeConfig();
kc.loadFromDefault();
const SPACE = kc.getContextObject(kc.currentContext).namespace;
const core = kc.makeApiClient(k8s.CoreV1Api);
const apps = kc.makeApiClient(k8s.AppsV1Api);
const objects = k8s.KubernetesObjectApi.makeApiClient(kc);

async function until(condition) {
  const ending = Date.now() + SECONDS * 1000;
  for (;;) {
    const found = await condition();
    if (found) return found;
    assert.ok(Date.now() < ending, `it did not come true in time: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function daemonSet(name, image = "nginx:1.25") {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: SPACE, labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image }] } },
    },
  };
}

function collected() {
  const stream = new PassThrough();
  stream.text = "";
  stream.on("data", (piece) => (stream.text += piece));
  return stream;
}

function patchedAs(type) {
  return k8s.setHeaderOptions("Content-Type", type);
}

function pods() {
  return core.listNamespacedPod({ namespace: SPACE, labelSelector: "app=web" });
}

let pod;

before(async () => {
  await apps.createNamespacedDaemonSet({ namespace: SPACE, body: daemonSet("web") });
  await until(async () => {
    const set = await apps.readNamespacedDaemonSetStatus({ name: "web", namespace: SPACE });
    return set.status.numberReady === 3;
  });
  [pod] = (await pods()).items.map((one) => one.metadata.name);
});

after(() => apps.deleteNamespacedDaemonSet({ name: "web", namespace: SPACE }));

test("it comes over plain http, and reads lists by selectors and in pages", async () => {
  assert.equal((await pods()).items.length, 3);
  const field = { namespace: SPACE, fieldSelector: "spec.nodeName=node-1", labelSelector: "app=web" };
  assert.equal((await core.listNamespacedPod(field)).items.length, 1);
  const first = await core.listNode({ limit: 2 });
  assert.equal(first.items.length, 2);
  assert.equal((await core.listNode({ limit: 2, _continue: first.metadata._continue })).items.length, 1);
  assert.ok(first.items[0].metadata.creationTimestamp instanceof Date);
});

test("patches are of the type that is named", async () => {
  const by = { name: "patched", namespace: SPACE };
  const make = { metadata: { name: "patched" }, secrets: [{ name: "a" }] };
  await core.createNamespacedServiceAccount({ namespace: SPACE, body: make });
  const patch = async (body, type) => {
    const made = await core.patchNamespacedServiceAccount({ ...by, body }, patchedAs(type));
    return made.secrets.map((secret) => secret.name).sort();
  };
  const kinds = k8s.PatchStrategy;
  assert.deepEqual(await patch({ secrets: [{ name: "b" }] }, kinds.StrategicMergePatch), ["a", "b"]);
  assert.deepEqual(await patch({ secrets: [{ name: "b" }] }, kinds.MergePatch), ["b"]);
  const replace = [{ op: "replace", path: "/secrets/0/name", value: "c" }];
  assert.deepEqual(await patch(replace, kinds.JsonPatch), ["c"]);
  const deleted = await core.deleteNamespacedServiceAccount(by);
  assert.equal(deleted.metadata.name, "patched");
});

test("what is applied by one is in conflict with what another wants", async () => {
  const apply = (image, manager, force) =>
    objects.patch(
      daemonSet("applied", image),
      undefined,
      undefined,
      manager,
      force,
      k8s.PatchStrategy.ServerSideApply,
    );
  assert.equal((await apply("nginx:1", "one")).metadata.generation, 1);
  await assert.rejects(apply("nginx:2", "two"), (error) => error.code === 409);
  const forced = await apply("nginx:2", "two", true);
  assert.equal(forced.spec.template.spec.containers[0].image, "nginx:2");
  const status = await objects.delete(daemonSet("applied"));
  assert.equal(status.status, "Success");
});

test("a refusal has a code and a Status", async () => {
  await assert.rejects(core.readNamespacedPod({ name: "no", namespace: SPACE }), (error) => {
    assert.equal(error.code, 404);
    assert.equal(JSON.parse(error.body).reason, "NotFound");
    return true;
  });
});

test("a watch tells what happens after a list, in its order", async () => {
  const listed = await core.listNamespacedConfigMap({ namespace: SPACE });
  const told = [];
  const watching = await new k8s.Watch(kc).watch(
    `/api/v1/namespaces/${SPACE}/configmaps`,
    { resourceVersion: listed.metadata.resourceVersion, fieldSelector: "metadata.name=watched" },
    (type, object) => told.push([type, object.data.a]),
    () => {},
  );
  const by = { name: "watched", namespace: SPACE };
  const body = { metadata: { name: "watched" }, data: { a: "1" } };
  await core.createNamespacedConfigMap({ namespace: SPACE, body });
  await core.replaceNamespacedConfigMap({ ...by, body: { ...body, data: { a: "2" } } });
  await core.deleteNamespacedConfigMap(by);
  await until(() => told.length === 3);
  watching.abort();
  assert.deepEqual(told, [
    ["ADDED", "1"],
    ["MODIFIED", "2"],
    ["DELETED", "2"],
  ]);
});

test("an informer keeps what is there", async () => {
  const informer = k8s.makeInformer(kc, `/api/v1/namespaces/${SPACE}/pods`, pods, "app=web");
  const seen = { add: [], delete: [] };
  for (const verb of Object.keys(seen)) informer.on(verb, (one) => seen[verb].push(one.metadata.name));
  await informer.start();
  await until(() => seen.add.length === 3);
  const gone = pod;
  await core.deleteNamespacedPod({ name: gone, namespace: SPACE });
  await until(() => seen.delete.includes(gone) && seen.add.length === 4);
  assert.equal(informer.list(SPACE).length, 3);
  await informer.stop();
  await until(async () => {
    const there = (await pods()).items;
    [pod] = there.map((one) => one.metadata.name);
    return there.length === 3 && there.every((one) => one.status.phase === "Running");
  });
});

test("a program runs in a container: its output, its errors, its code, and what is typed", async () => {
  const ran = async (command, stdin, tty = false) => {
    const [out, err] = [collected(), collected()];
    const status = await new Promise((resolve, reject) => {
      new k8s.Exec(kc)
        .exec(SPACE, pod, "main", command, out, err, stdin, tty, resolve)
        .catch(reject);
    });
    return { out: out.text, err: err.text, status };
  };
  const failed = await ran(["sh", "-c", "hostname; echo bad >&2; exit 3"], null);
  assert.deepEqual([failed.out, failed.err, failed.status.reason], [`${pod}\n`, "bad\n", "NonZeroExitCode"]);
  assert.equal(failed.status.details.causes[0].message, "3");
  const typed = await ran(["cat"], Readable.from(["this\n"]));
  assert.deepEqual([typed.out, typed.status.status], ["this\n", "Success"]);
});

test("a log is followed to its end", async () => {
  const spec = {
    restartPolicy: "Never",
    containers: [{ name: "main", image: "busybox", command: ["sh", "-c", "echo one; sleep 1; echo two"] }],
  };
  const by = { name: "talks", namespace: SPACE };
  await core.createNamespacedPod({ namespace: SPACE, body: { metadata: { name: "talks" }, spec } });
  await until(async () => (await core.readNamespacedPod(by)).status.phase !== "Pending");
  const out = collected();
  const ended = new Promise((resolve) => out.on("end", resolve));
  await new k8s.Log(kc).log(SPACE, "talks", "main", out, { follow: true });
  await ended;
  assert.equal(out.text, "one\ntwo\n");
  assert.equal(await core.readNamespacedPodLog({ ...by, tailLines: 1 }), "two\n");
  assert.equal((await core.deleteNamespacedPod({ ...by, gracePeriodSeconds: 0 })).metadata.name, "talks");
});

test("a lease keeps the microseconds of its times", async () => {
  const leases = kc.makeApiClient(k8s.CoordinationV1Api);
  const now = new k8s.V1MicroTime();
  const body = { metadata: { name: "leader" }, spec: { holderIdentity: "one", acquireTime: now } };
  const made = await leases.createNamespacedLease({ namespace: SPACE, body });
  assert.match(`${made.spec.acquireTime}`, /\.\d{6}Z$/);
  made.spec.renewTime = new k8s.V1MicroTime();
  await leases.replaceNamespacedLease({ name: "leader", namespace: SPACE, body: made });
  await assert.rejects(
    leases.replaceNamespacedLease({ name: "leader", namespace: SPACE, body: made }),
    (error) => error.code === 409,
  );
});

test("an eviction is asked for as kubectl drain does", async () => {
  const spec = { containers: [{ name: "main", image: "nginx" }] };
  await core.createNamespacedPod({ namespace: SPACE, body: { metadata: { name: "evicted" }, spec } });
  const body = { metadata: { name: "evicted", namespace: SPACE } };
  await core.createNamespacedPodEviction({ name: "evicted", namespace: SPACE, body });
  await until(() =>
    core.readNamespacedPod({ name: "evicted", namespace: SPACE }).then(
      () => false,
      (error) => error.code === 404,
    ),
  );
});
