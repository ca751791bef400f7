import { call, type Attack } from "./attack.ts";
import { LIBPOD, PODMAN_IMAGE, REFUSED, type Spec, bind, play, says, spec, volume } from "./podman-calls.ts";

export const kubePod = (settings: string, more = "", kind = "containers"): string => `
apiVersion: v1
kind: Pod
metadata: {name: attack}
spec:
  ${more}
  ${kind}:
  - name: app
    image: ${PODMAN_IMAGE}
    ${settings}
`;
const inPod = (settings: Spec): Buffer => spec({ pod: "attack", netns: {}, ...settings });
const POD_BODY = { name: "attack", netns: { nsmode: "none" } };
const pod = (settings: Spec): Buffer =>
  call("POST", `${LIBPOD}/pods/create`, JSON.stringify({ ...POD_BODY, ...settings }));
const START_POD = call("POST", `${LIBPOD}/pods/attack/start`);
const SHELL = 'command: ["/bin/sh", "-c", "sleep 600"]';

/** Pods, made by one call or another. */
export const PODS: readonly Attack[] = [
  { name: "a container in a pod", sends: [pod({}), inPod({}), START_POD] },
  {
    name: "a privileged container in a pod",
    sends: [pod({}), inPod({ privileged: true })],
    refusal: says("privileged"),
  },
  { name: "a pod with the host's root", sends: [pod(bind("/"))], refusal: REFUSED },
  { name: "a pod with a volume over programs", sends: [pod(volume("attack", "/bin"))], refusal: says("/bin") },
  { name: "a pod with a device", sends: [pod({ pod_devices: ["/dev/sda"] })], refusal: says("/dev/sda") },
  { name: "a pod without masked paths", sends: [pod({ security_opt: ["unmask=ALL"] })], refusal: REFUSED },
  { name: "a pod whose processes are shared", sends: [pod({ shared_namespaces: ["pid"] })], refusal: REFUSED },
  {
    name: "a pod whose first container runs something",
    sends: [pod({ infra_command: ["/bin/sh"] })],
    refusal: REFUSED,
  },
  { name: "a pod of another image", sends: [pod({ infra_image: PODMAN_IMAGE })], refusal: REFUSED },
  {
    name: "a container that sees the processes of its pod",
    sends: [pod({}), inPod({ pidns: { nsmode: "pod" } })],
    refusal: says("pidns"),
  },
  {
    name: "a privileged played pod",
    sends: [play(kubePod("securityContext: {privileged: true}"))],
    refusal: says("privileged"),
  },
  {
    name: "a privileged played pod in another case",
    sends: [play(kubePod("SecurityContext: {Privileged: true}"))],
    refusal: says("privileged"),
  },
  {
    name: "a played pod with the host's root",
    sends: [play(kubePod("volumeMounts: [{name: h, mountPath: /host}]", "volumes: [{name: h, hostPath: {path: /}}]"))],
    refusal: REFUSED,
  },
  {
    name: "a played pod with the host's disk",
    sends: [
      play(
        kubePod(
          "volumeMounts: [{name: h, mountPath: /host}]",
          "volumes: [{name: h, hostPath: {path: /dev/sda, type: BlockDevice}}]",
        ),
      ),
    ],
    refusal: REFUSED,
  },
  {
    name: "a played pod with a volume over programs",
    sends: [play(kubePod("volumeMounts: [{name: h, mountPath: /bin}]", "volumes: [{name: h, emptyDir: {}}]"))],
    refusal: says("/bin"),
  },
  {
    name: "a privileged init container",
    sends: [
      play(
        kubePod(SHELL, `initContainers: [{name: i, image: "${PODMAN_IMAGE}", securityContext: {privileged: true}}]`),
      ),
    ],
    refusal: says("privileged"),
  },
  {
    name: "a played pod whose processes are shared",
    sends: [play(kubePod(SHELL, "shareProcessNamespace: true"))],
    refusal: says("shareProcessNamespace"),
  },
  {
    name: "a claim that is the host's root",
    sends: [
      play(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: c\n  annotations: {volume.podman.io/device: /, volume.podman.io/type: none, volume.podman.io/mount-options: bind}\nspec: {accessModes: [ReadWriteOnce]}\n",
      ),
    ],
    refusal: REFUSED,
  },
  { name: "a played image that is built", sends: [play(kubePod(SHELL), "network=none&build=true")], refusal: REFUSED },
  {
    name: "a played pod with hooks by an annotation",
    sends: [play(kubePod(SHELL).replace("{name: attack}", "{name: attack, annotations: {run.oci.handler: wasm}}"))],
    refusal: says("annotation"),
  },
  {
    name: "a played pod with an annotation of the query",
    sends: [play(kubePod(SHELL), `annotations=${encodeURIComponent('{"run.oci.handler":"wasm"}')}`)],
    refusal: REFUSED,
  },
  { name: "an alias", sends: [play(kubePod("securityContext: &a {privileged: true}\n    x: *a"))], refusal: REFUSED },
  {
    name: "a kind that nobody knows",
    sends: [play("apiVersion: v1\nkind: Quod\nmetadata: {name: x}\n")],
    refusal: REFUSED,
  },
];

/** What is let through only where clients are trusted: of a manifest nobody knows yet which image its infra container gets. */
export const PLAYED: readonly Attack[] = [
  { name: "a played pod", sends: [play(kubePod(SHELL))] },
  {
    name: "a played pod, writable in so many words",
    sends: [play(kubePod(`${SHELL}\n    securityContext: {readOnlyRootFilesystem: false}`))],
  },
  {
    name: "an init container that writes",
    sends: [
      play(
        kubePod(
          SHELL,
          `initContainers: [{name: i, image: "${PODMAN_IMAGE}", command: [/bin/sh, -c, "echo > /x; sleep 600"]}]`,
        ),
        "network=none&start=false",
      ),
    ],
  },
  {
    name: "played pods in two documents",
    sends: [play(`${kubePod(SHELL)}---\n${kubePod(SHELL).replace("attack}", "another}")}`)],
  },
];
