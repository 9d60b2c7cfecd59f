#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Carries out the Dockerfile without Docker, in clean Debian roots, with the sources of git's HEAD.

clean_root.py SOURCE                 every line of the Dockerfile in order; then the program is started
                                     as its ENTRYPOINT and CMD say and asked as its HEALTHCHECK says
clean_root.py SOURCE COMMAND...      instead: COMMAND in a clone of HEAD, in a root with git and ca-certificates

Needs root and debootstrap (exit 77 without). Mirror, resolver, proxies and extra certificates are the
machine's own. Everything lives in a temporary folder and is gone afterwards.
"""
import glob
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

RELEASE = "bookworm"
STEP_SECONDS = 3600
PASSED_ON = re.compile(r"(?i)^(https?_proxy|no_proxy|ftp_proxy|.*ca_bundle.*|.*ssl_cert.*|.*cainfo.*|pip_(cert|index_url|extra_index_url|default_timeout)"
                       r"|node_extra_ca_certs|npm_config_.*|dryrun_jobs|ci)$")


class Failed(Exception):
    pass


def skip(reason):
    print(f"clean_root: {reason}: skipped")
    sys.exit(77)


def say(text):
    print(f"[{time.monotonic() - STARTED:4.0f} s] {text}", flush=True)


def run(words, **more):
    """Runs and shows the output only when it fails."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=STEP_SECONDS, check=False, **more)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"no end after {STEP_SECONDS} s: {shlex.join(words)}") from late
    if done.returncode:
        print(done.stdout.decode(errors="replace")[-6000:])
        raise Failed(f"exit {done.returncode}: {shlex.join(words)[:300]}")
    return done.stdout.decode(errors="replace")


def debian_sources():
    """The machine's own entries for this release: (uri, suite, component)."""
    out = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                          "Created-By: Packages"], capture_output=True, text=True, check=False).stdout
    rows = {tuple(line.split()) for line in out.splitlines() if len(line.split()) == 3}
    return sorted(row for row in rows if row[1].startswith(RELEASE) and row[2] == "main" and "/debian" in row[0])


class Root:
    """A tree to run things in, with the state that Dockerfile lines change."""

    def __init__(self, path):
        self.path, self.workdir, self.user = path, "/", "root"
        self.env, self.entrypoint, self.command, self.health = {}, [], [], []

    def environment(self):
        passed = {name: value for name, value in os.environ.items() if PASSED_ON.match(name)}
        return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
                "LC_ALL": "C.UTF-8", **passed, **self.env}

    def chroot(self, words):
        """A command line for inside: with /proc and /dev, in mounts and processes that end with it."""
        inside = f"cd {shlex.quote(self.workdir)} && exec {shlex.join(words)}"
        outside = (f"mount -t proc proc {shlex.quote(self.path)}/proc 2>/dev/null; "
                   f"mount --rbind /dev {shlex.quote(self.path)}/dev 2>/dev/null; "
                   f"exec chroot --userspec={shlex.quote(self.user)} {shlex.quote(self.path)} /bin/sh -c "
                   f"{shlex.quote(inside)}")
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", outside]

    def run(self, words):
        return run(self.chroot(words), env=self.environment())


def make_pristine(path, extra):
    sources = debian_sources()
    mirror = next((uri for uri, suite, _ in sources if suite == RELEASE), None)
    if not mirror:
        raise Failed(f"apt knows no source of Debian's {RELEASE}: run apt-get update first")
    include = ["--include=" + ",".join(extra)] if extra else []
    run(["debootstrap", "--variant=minbase", *include, RELEASE, path, mirror])
    with open(f"{path}/etc/apt/sources.list", "w", encoding="ascii") as file:
        file.writelines(f"deb {uri} {suite} {component}\n" for uri, suite, component in sources)
    for name in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copy(name, path + name)
    proxies = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    with open(f"{path}/etc/apt/apt.conf.d/90machine", "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in proxies.splitlines() if re.match(r"Acquire::[a-z]+::(Proxy|CA)", line))
    for name in glob.glob("/usr/local/share/ca-certificates/**/*.crt", recursive=True):
        os.makedirs(os.path.dirname(path + name), exist_ok=True)
        shutil.copy(name, path + name)
    # What the machine trusts: at once, and again when the package ca-certificates makes its own bundle.
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    for name in (bundle, "/usr/local/share/ca-certificates/machine.crt"):
        if os.path.exists(bundle):
            os.makedirs(os.path.dirname(path + name), exist_ok=True)
            shutil.copy(bundle, path + name)


def lines_of(dockerfile):
    """(instruction, rest) of each logical line."""
    with open(dockerfile, encoding="utf-8") as file:
        text = "".join(line for line in file if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def words_of(rest):
    return json.loads(rest) if rest.startswith("[") else ["/bin/sh", "-c", rest]


def copy(source, stages, root, rest):
    words = shlex.split(rest)
    origin = [word[len("--from="):] for word in words if word.startswith("--from=")]
    what, where = [word for word in words if not word.startswith("--")]
    target = root.path + os.path.normpath(os.path.join(root.workdir, where))
    os.makedirs(target, exist_ok=True)
    if origin:
        run(["cp", "-a", f"{stages[origin[0]].path}{what}/.", target])
    elif what == ".":
        run(["sh", "-c", 'git -c safe.directory="*" -C "$1" archive HEAD | tar -x -C "$2"', "sh", source, target])
    else:
        raise Failed(f"COPY {rest}: not understood here")


def carry_out(source, folder):
    """Every line of the Dockerfile; returns the last stage."""
    pristine, stages, root = f"{folder}/pristine", {}, None
    say("FROM: debootstrap")
    make_pristine(pristine, [])
    for word, rest in lines_of(f"{source}/Dockerfile"):
        say(f"{word} {' '.join(rest.split())[:100]}")
        if word == "FROM":
            parts = rest.split()
            if not re.match(rf"(docker\.io/)?debian:{RELEASE}", parts[0]):
                raise Failed(f"FROM {rest}: only Debian {RELEASE} can be made here")
            root = Root(f"{folder}/stage{len(stages)}")
            run(["cp", "-a", pristine, root.path])
            stages[parts[2] if len(parts) == 3 else str(len(stages))] = root
        elif word == "WORKDIR":
            root.workdir = os.path.join(root.workdir, rest)
            os.makedirs(root.path + root.workdir, exist_ok=True)
        elif word == "ENV":
            root.env.update(part.split("=", 1) for part in shlex.split(rest))
        elif word == "USER":
            root.user = rest
        elif word == "RUN":
            root.run(words_of(rest))
        elif word == "COPY":
            copy(source, stages, root, rest)
        elif word == "ENTRYPOINT":
            root.entrypoint = words_of(rest)
        elif word == "CMD":
            root.command = words_of(rest)
        elif word == "HEALTHCHECK":
            root.health = words_of(rest.partition("CMD ")[2])
        elif word not in ("EXPOSE", "LABEL"):
            raise Failed(f"{word}: not understood here")
    check_learnt(next(iter(stages.values())))
    return root


def check_learnt(root):
    """The release of the first stage was laid out by what a build before it had counted."""
    built = f"{root.path}/src/build"
    counted = glob.glob(f"{built}/profile/counts/*.gcda")
    with open(f"{built}/release/compile_commands.json", encoding="utf-8") as file:
        uses = "-fprofile-use=" in file.read()
    say(f"counts of {len(counted)} files, {'used' if uses else 'not used'}")
    if len(counted) < 100 or not uses:
        raise Failed("the release was built without the counts of a run of the scenarios")


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return str(sock.getsockname()[1])


def start_and_ask(root):
    """The program as the image would start it (on a free port), until its health check is content."""
    port = free_port()
    command = [word.replace("8080", port) for word in root.entrypoint + root.command]
    health = [word.replace("8080", port) for word in root.health]
    if root.user == "root":
        raise Failed("the image runs as root: USER is missing")
    say(f"starting: {shlex.join(command)}")
    with open(f"{root.path}.log", "w+b") as log:
        server = subprocess.Popen(root.chroot(command), env=root.environment(), stdin=subprocess.DEVNULL,
                                  stdout=log, stderr=log, start_new_session=True)
        try:
            for _ in range(50):
                if server.poll() is not None:
                    break
                asked = subprocess.run(root.chroot(health), env=root.environment(), capture_output=True,
                                       timeout=20, check=False)
                if asked.returncode == 0:
                    say(f"healthy: {asked.stdout.decode(errors='replace').strip()[:200]}")
                    return
                time.sleep(0.2)
            log.seek(0)
            raise Failed("the program is not healthy: " + log.read().decode(errors="replace")[-2000:])
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            try:
                os.killpg(server.pid, signal.SIGKILL)  # what chroot started and did not take along
            except ProcessLookupError:
                pass


def run_command(source, folder, words):
    say("making a root with git and ca-certificates")
    root = Root(f"{folder}/root")
    make_pristine(root.path, ["git", "ca-certificates"])
    run(["git", "-c", "safe.directory=*", "clone", "--quiet", "--no-hardlinks", source, f"{root.path}/src"])
    run(["chown", "-R", "root:root", f"{root.path}/src"])
    shared = os.environ.get("DRYRUN_SHARED", os.path.join(source, "..", "shared"))
    if os.path.isdir(shared):
        run(["cp", "-a", shared, f"{root.path}/shared"])
    root.workdir = "/src"
    say(shlex.join(words))
    return subprocess.run(root.chroot(words), env=root.environment(), stdin=subprocess.DEVNULL, check=False).returncode


def main():
    source, words = os.path.abspath(sys.argv[1]), sys.argv[2:]
    if os.geteuid() != 0:
        skip("a clean root needs root")
    for tool in ("debootstrap", "unshare", "git"):
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    folder = tempfile.mkdtemp(prefix="dryrun-root-")
    os.chmod(folder, 0o755)  # the image's user must get through
    try:
        if words:
            return run_command(source, folder, words)
        start_and_ask(carry_out(source, folder))
        say("clean_root: ok")
        return 0
    except Failed as failed:
        say(f"clean_root: failed: {failed}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


STARTED = time.monotonic()
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes, too
    sys.exit(main())
