import type { Normalisation } from "./normalise.ts";

/** Some command lines of docker, in their order, and what in their output is by nature not the same twice. */
export interface CommandCase {
  readonly name: string;
  /**
   * Each is run by a shell in a folder of the run's own. `$n` begins every name that a run makes, `$image` is a busybox, `$other`
   * the same under another name of the run's own.
   */
  readonly lines: readonly string[];
  /** Beside ids, times, addresses and the run's own names, which are taken out of everything. */
  readonly normalise?: readonly Normalisation[];
  /** Why it is not run at the same time as itself. */
  readonly alone?: string;
}

const RUN = "docker run --rm --net none";
/** A container that waits for its end, and ends at once when it is asked to. */
const SERVICE = `docker run -d --net none --name $n $image sh -c 'trap "exit 0" TERM; echo up; while :; do sleep 1000 & wait; done'`;
const REMOVE = "docker rm -f $n";
/** The command on a terminal, whose keyboard is the pipe before it. */
const terminal = (command: string): string => `script -qec "${command}" /dev/null`;

export const COMMANDS: readonly CommandCase[] = [
  {
    name: "run",
    lines: [
      `${RUN} $image echo hello`,
      `${RUN} $image sh -c 'echo out; echo err >&2; exit 7'`,
      `${RUN} -e A=b -w /srv -u 1000:1000 -h host --init $image sh -c 'echo $A; pwd; id -u; hostname'`,
      `${RUN} $image /no/such/program`,
      `${RUN} $image sh -c 'sh -c "kill -9 \\$\\$"; exit $?'`,
      `${RUN} -l a=b --cidfile id $image true; wc -c <id`,
    ],
    normalise: ["startFailure"],
  },
  {
    name: "run -i",
    lines: [
      `printf 'a\\nb' | ${RUN} -i $image cat`,
      `head -c 3000000 /dev/zero | ${RUN} -i $image wc -c`,
      `${RUN} -i $image sh -c 'head -c 3000000 /dev/zero' </dev/null | wc -c`,
      `printf x | ${RUN} -i $image sh -c 'exit 9'`,
    ],
  },
  {
    name: "run -t",
    lines: [
      terminal(`${RUN} -t $image sh -c 'test -t 1 && echo terminal; exit 3'`),
      `(sleep 1; echo hello) | ${terminal(`${RUN} -it $image sh -c 'read x; echo got-\\$x; exit 5'`)}`,
      `echo x | ${RUN} -it $image cat`,
    ],
  },
  {
    name: "run -d",
    lines: [
      `docker run -d --net none --name $n $image sh -c 'echo done; exit 4'`,
      "docker wait $n",
      "docker logs $n",
      REMOVE,
    ],
  },
  {
    name: "run with volumes",
    lines: [
      `${RUN} -v $n-data:/data $image sh -c 'echo kept >/data/x'`,
      `${RUN} -v $n-data:/data:ro $image cat /data/x`,
      `${RUN} -v /data $image sh -c 'touch /data/x && ls /data'`,
      `echo from-host >file; ${RUN} -v $PWD/file:/srv/file:ro $image cat /srv/file`,
      `${RUN} --mount type=tmpfs,target=/fast,tmpfs-size=1m $image sh -c 'df -k /fast | tail -1 | cut -d " " -f 1'`,
      `${RUN} --tmpfs /fast:size=1m,exec $image sh -c 'touch /fast/x && ls /fast'`,
      "docker volume rm $n-data",
    ],
  },
  {
    name: "create, start -a",
    lines: ["docker create --net none --name $n $image echo hello", "docker start -a $n", REMOVE],
  },
  {
    name: "start -i",
    lines: [
      "docker create -i --net none --name $n $image cat",
      "printf abc | docker start -ai $n",
      "docker start $n-none",
      REMOVE,
    ],
  },
  {
    name: "stop",
    lines: [SERVICE, "docker stop -t 20 $n", "docker stop $n", "docker inspect -f '{{.State.ExitCode}}' $n", REMOVE],
  },
  {
    name: "kill",
    lines: [SERVICE, "docker kill -s TERM $n", "docker wait $n", "docker kill $n", "docker kill -s NOSUCH $n", REMOVE],
  },
  { name: "rm", lines: [SERVICE, "docker rm $n", "docker rm -fv $n", "docker rm $n"] },
  {
    name: "wait",
    lines: [SERVICE, "(sleep 1; docker kill -s TERM $n >/dev/null) & docker wait $n", "docker wait $n", REMOVE],
  },
  {
    name: "rename",
    lines: [
      "docker create --net none --name $n $image true",
      "docker rename $n $n-new",
      "docker rename $n $n-again",
      "docker rename $n-new $n-new",
      "docker rm $n-new",
    ],
  },
  {
    name: "pause, unpause",
    lines: [
      SERVICE,
      "docker pause $n",
      "docker ps -a -f name=$n --format '{{.Names}} {{.Status}}'",
      "docker exec $n true",
      "docker pause $n",
      "docker unpause $n",
      "docker unpause $n",
      REMOVE,
    ],
  },
  {
    name: "restart",
    lines: [SERVICE, "docker restart -t 20 $n", "docker inspect -f '{{.State.Running}} {{.RestartCount}}' $n", REMOVE],
  },
  {
    name: "update",
    lines: [
      SERVICE,
      "docker update --restart on-failure:3 -m 64m --memory-swap 64m $n",
      "docker inspect -f '{{.HostConfig.RestartPolicy}} {{.HostConfig.Memory}}' $n",
      "docker update --restart nonsense $n",
      REMOVE,
    ],
  },
  {
    name: "exec",
    lines: [
      SERVICE,
      "docker exec $n echo hello",
      "docker exec $n sh -c 'echo out; echo err >&2; exit 6'",
      "docker exec -e A=b -w /srv -u 1000 $n sh -c 'echo $A; pwd; id -u'",
      "docker exec $n /no/such/program",
      "docker exec -d $n touch /tmp/there; until docker exec $n test -e /tmp/there; do :; done",
      "docker exec $n-none true",
      REMOVE,
    ],
  },
  {
    name: "exec -i",
    lines: [
      SERVICE,
      "printf abc | docker exec -i $n cat",
      "head -c 3000000 /dev/zero | docker exec -i $n wc -c",
      "printf abc | docker exec $n cat",
      REMOVE,
    ],
  },
  {
    name: "exec -t",
    lines: [
      SERVICE,
      terminal("docker exec -t $n sh -c 'test -t 1 && echo terminal; exit 3'"),
      `(sleep 1; echo hello) | ${terminal("docker exec -it $n sh -c 'read x; echo got-\\$x; exit 5'")}`,
      REMOVE,
    ],
  },
  {
    name: "attach",
    lines: [
      "docker run -d -i --net none --name $n $image sh -c 'read x; echo got-$x; echo err >&2; exit 5'",
      "(echo hello; sleep 1) | docker attach $n",
      "docker attach $n",
      REMOVE,
      "docker run -dit --net none --name $n $image sh",
      `(sleep 1; printf 'echo $((40+2))\\n'; sleep 1; printf '\\020\\021') | ${terminal("docker attach $n")}`,
      "docker inspect -f '{{.State.Running}}' $n",
      REMOVE,
    ],
  },
  {
    name: "attach, signals",
    lines: [
      `docker create --net none --name $n $image sh -c 'trap "echo term; exit 8" TERM; echo up; while :; do sleep 0.1; done'`,
      `docker start -a $n >out & until grep -q up out; do sleep 0.1; done; kill $!; wait $!; echo $?; cat out`,
      REMOVE,
    ],
  },
  {
    name: "cp out",
    lines: [
      "docker run -d --net none --name $n $image sleep 1000",
      "docker cp $n:/etc/shipped - | tar -xO",
      "docker cp $n:/etc/shipped . && cat shipped",
      "docker cp $n:/no/such/file .",
      "docker cp $n-none:/etc/shipped .",
      REMOVE,
    ],
  },
  {
    name: "cp in",
    lines: [
      "docker run -d --net none --name $n $image sleep 1000",
      "echo content >file; docker cp file $n:/srv/file",
      "docker exec $n cat /srv/file",
      "tar -c file | docker cp - $n:/srv",
      "docker cp file $n:/no/such/folder/",
      REMOVE,
    ],
    normalise: ["copyRefusal"],
  },
  {
    name: "cp in, not started",
    lines: [
      "docker create --net none --name $n $image cat /srv/file",
      "echo content >file; docker cp file $n:/srv/file",
      "docker start -a $n",
      REMOVE,
    ],
    normalise: ["copyRefusal"],
  },
  {
    name: "logs",
    lines: [
      "docker run -d --net none --name $n $image sh -c 'for i in 1 2 3; do echo $i; echo e$i >&2; done'",
      "docker wait $n",
      "docker logs $n",
      "docker logs --tail 0 $n",
      "docker logs --since 1h $n 2>/dev/null",
      "docker logs --until 2000-01-01T00:00:00Z $n",
      "docker logs -t $n 2>/dev/null",
      "docker logs $n-none",
      REMOVE,
    ],
  },
  {
    name: "logs -f",
    lines: [
      "docker run -d --net none --name $n $image sh -c 'for i in 1 2 3 4 5; do echo $i; sleep 0.2; done; exit 3'",
      "docker logs -f $n",
      "docker logs -f $n | head -2",
      REMOVE,
    ],
  },
  {
    name: "events",
    lines: [
      "date +%s >since",
      `${RUN} --name $n $image true`,
      "sleep 1; docker events --since $(cat since) --until $(date +%s) -f type=container -f container=$n --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}'",
      "docker events --since nonsense --until 1",
    ],
  },
  {
    name: "events, followed",
    lines: [
      "docker events -f container=$n --format '{{.Action}}' >out & (sleep 1; docker run --rm --net none --name $n $image true); until grep -q destroy out; do sleep 0.1; done; kill $!; cat out",
    ],
  },
  {
    name: "stats",
    lines: [
      "docker run -d --net none --name $n $image sleep 1000",
      "docker stats --no-stream --format '{{.Name}} {{.ID}} {{.PIDs}}' $n",
      "docker stats --no-stream $n | head -1",
      REMOVE,
      "docker stats --no-stream $n",
    ],
  },
  {
    name: "top",
    lines: [
      "docker run -d --net none --name $n $image sleep 1000",
      "docker top $n -o comm,args",
      "docker top $n | tail -1",
      REMOVE,
      "docker top $n",
    ],
    normalise: ["processes"],
  },
  {
    name: "port",
    lines: [
      "docker run -d -p 127.0.0.1::80 -p 127.0.0.1::53/udp --name $n $image sleep 1000",
      "docker port $n | sort",
      "docker port $n 80",
      "docker port $n 81",
      REMOVE,
    ],
    normalise: ["ports"],
  },
  {
    name: "inspect",
    lines: [
      "docker create --net none --name $n -v /data --label a=b -m 64m $image sleep 1000",
      "docker inspect $n",
      "docker inspect -s -f '{{.SizeRw}}' $n",
      "docker inspect -f '{{json .Config}} {{json .RootFS}}' $image",
      "docker inspect $n-none",
      "docker rm -v $n",
    ],
    normalise: ["hostSettings"],
  },
  {
    name: "ps",
    lines: [
      SERVICE,
      "docker ps -f name=$n",
      "docker ps -aq -f name=$n --no-trunc | wc -c",
      "docker ps -a -f name=$n --format '{{json .}}'",
      "docker ps -f nonsense=1",
      "docker container ls -a -s -f name=$n --format '{{.Names}}'",
      REMOVE,
    ],
  },
  {
    name: "diff",
    lines: [
      "docker run --net none --name $n $image sh -c 'echo x >/etc/made; rm /etc/shipped; touch /srv/new'",
      "docker diff $n | sort",
      "docker diff $n-none",
      REMOVE,
    ],
  },
  {
    name: "commit",
    lines: [
      "docker run --net none --name $n $image sh -c 'echo committed-$0 >/srv/new' $n",
      "docker commit -m why -c 'CMD cat /srv/new' $n $n-image",
      `${RUN} $n-image`,
      "docker rmi $n-image",
      "docker commit $n-none",
      REMOVE,
    ],
  },
  {
    name: "export",
    lines: [
      "docker create --net none --name $n $image true",
      "docker export $n | tar -t | sort",
      "docker export -o archive $n && tar -xOf archive etc/shipped",
      "docker export $n-none",
      REMOVE,
    ],
  },
  {
    name: "import",
    lines: [
      "mkdir etc; echo $n >etc/file; tar -c etc | docker import -c 'CMD x' -m why - $n:1",
      "docker image inspect -f '{{.Config.Cmd}} {{.Comment}} {{len .RootFS.Layers}}' $n:1",
      "docker rmi $n:1",
      "echo nonsense | docker import - $n:2",
    ],
  },
  {
    name: "save",
    lines: [
      "docker save $other | tar -t | sed 's/^[0-9a-f]*//' | sort -u",
      "docker save -o archive $other && tar -xOf archive manifest.json",
      "docker save $n-none",
    ],
  },
  {
    name: "load",
    lines: [
      "docker tag $other $n:loaded && docker save -o archive $n:loaded && docker rmi $n:loaded",
      "docker load -i archive",
      "docker load -q <archive",
      "echo nonsense | docker load",
      "docker rmi $n:loaded",
    ],
  },
  {
    name: "tag, rmi",
    lines: [
      "docker tag $other $n:1",
      "docker images $n",
      "docker rmi $n:1",
      "docker rmi $n:1",
      "docker tag $n-none x",
      "docker tag $other 'BAD NAME'",
    ],
  },
  {
    name: "images",
    lines: [
      "docker images $other",
      "docker images -q --no-trunc $other",
      "docker images --digests $other",
      "docker images -f reference=$other --format '{{.Repository}}:{{.Tag}} {{.Size}}'",
      "docker images -f nonsense=1",
    ],
  },
  {
    name: "history",
    lines: ["docker history $other", "docker history -q --no-trunc $other", "docker history $n-none"],
  },
  {
    name: "build",
    lines: [
      "printf 'FROM %s\\nCOPY file /srv/\\nRUN cat /srv/file && echo built >/etc/built\\nCMD cat /etc/built\\n' $other >Dockerfile; echo $n >file; docker build -t $n:1 .",
      `${RUN} $n:1`,
      "docker build -q -t $n:2 .",
      "head -c 3000000 /dev/urandom >large; docker build -q --no-cache .",
      "printf 'FROM %s\\nRUN exit 3\\n' $other | docker build --force-rm -",
      "printf 'FROM %s\\nNONSENSE\\n' $other | docker build -",
      "docker build --build-arg A=b -f none .",
      "docker rmi $n:1 $n:2",
    ],
    normalise: ["buildCache"],
  },
  {
    name: "volume",
    lines: [
      "docker volume create --label a=b $n",
      "docker volume create $n",
      "docker volume ls -f name=$n",
      "docker volume inspect $n",
      "docker volume rm $n",
      "docker volume rm $n",
    ],
  },
  {
    name: "network",
    lines: [
      "docker network create --internal --label a=b $n",
      "docker network create $n",
      "docker network ls -f name=$n",
      "docker network inspect $n",
      "docker run -d --net none --name $n $image sleep 1000",
      "docker network connect $n $n",
      "docker network disconnect $n $n-none",
      "docker network inspect -f '{{len .Containers}}' $n",
      REMOVE,
      "docker network rm $n",
      "docker network rm $n",
    ],
  },
  {
    name: "info",
    lines: ["docker info", "docker info -f '{{.Driver}} {{.DefaultRuntime}} {{len .Runtimes}}'"],
    normalise: ["engineTotals"],
  },
  {
    name: "version",
    lines: [
      "docker version",
      "docker version -f '{{.Server.APIVersion}}'",
      "docker -H unix:///no/such/socket version -f '{{.Server}}'",
    ],
  },
  {
    name: "system df",
    alone: "the engine does one at a time",
    lines: ["docker system df"],
    normalise: ["engineTotals"],
  },
  {
    name: "pull",
    lines: ["docker pull $n", "docker pull 127.0.0.1:1/$n:1", "docker run --rm $n"],
    normalise: ["network"],
  },
  { name: "search", lines: ["docker search 127.0.0.1:1/$n"], normalise: ["network"] },
  {
    name: "push",
    lines: ["docker tag $other 127.0.0.1:1/$n && docker push 127.0.0.1:1/$n", "docker rmi 127.0.0.1:1/$n"],
    normalise: ["network"],
  },
  { name: "login", lines: ["docker login -u user -p password 127.0.0.1:1"], normalise: ["network"] },
  {
    name: "swarm, not joined",
    lines: ["docker node ls", "docker service ls", "docker stack ls", "docker secret ls", "docker config ls"],
  },
  { name: "plugin ls", lines: ["docker plugin ls", "docker plugin inspect $n"] },
  {
    name: "prune",
    alone: "the engine does one at a time",
    lines: [
      "docker create --net none --name $n --label mine=$n $image true",
      "docker container prune -f --filter label=mine=$n",
      "docker container prune -f --filter nonsense=1",
      "docker image prune -f --filter label=$n",
      "docker volume prune -f --filter label=$n",
      "docker network prune -f --filter label=$n",
    ],
  },
  {
    name: "names in use",
    lines: [
      "docker create --net none --name $n $image true",
      "docker create --net none --name $n $image true",
      `${RUN} --name $n $image true`,
      REMOVE,
    ],
  },
  {
    name: "healthcheck",
    lines: [
      "docker run -d --net none --name $n --health-cmd true --health-interval 200ms $image sleep 1000",
      "until [ $(docker inspect -f '{{.State.Health.Status}}' $n) = healthy ]; do sleep 0.1; done",
      REMOVE,
    ],
  },
  {
    name: "refused by the engine",
    lines: [
      `${RUN} -m 1k $image true`,
      `${RUN} --net nosuch $image true`,
      `${RUN} -v relative/path:/x $image true`,
      `${RUN} --runtime nosuch $image true`,
      `${RUN} -p 99999:1 $image true`,
      `${RUN} --no-such-flag $image true`,
      `${RUN} --name '?' $image true`,
      `${RUN} --cpus 1000000 $image true`,
      "docker run",
      "docker nosuch",
      "docker inspect ''",
    ],
  },
];
