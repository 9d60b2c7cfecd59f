#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every lint test can fail: each gets a small bad tree and must refuse it for the right reason, and a
# good one that it must accept.
# shellcheck disable=SC2016 # programs under test are written literally
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
cases=0

# write PATH TEXT: a file of the tree under test.
write() {
    mkdir -p "$work/tree/$(dirname "$1")"
    printf '%s\n' "$2" >"$work/tree/$1"
}

# expect CODE 'part of the output' script [argument...]; the tree is made anew afterwards.
expect() {
    code=$1 part=$2 script=$3
    shift 3
    status=0
    "$here/$script" "$@" >"$work/output" 2>&1 || status=$?
    cases=$((cases + 1))
    if [ "$status" -eq 77 ]; then
        echo "selftest: $script cannot run here: $(cat "$work/output")"
        exit 77
    elif [ "$status" -ne "$code" ] || ! grep -qF -e "$part" "$work/output"; then
        echo "selftest: $script: expected exit $code with '$part', got exit $status with:"
        sed 's/^/    /' "$work/output"
        bad=1
    fi
    rm -rf "$work/tree"
    mkdir "$work/tree"
}

tree=$work/tree
mkdir "$tree"

write core/schema/a.c '#include "core/data/b.h"'
expect 0 'layers: ok' layers.sh "$tree"
write core/schema/a.c '#include "core/expr/b.h"'
expect 1 'core/schema must not see core/expr' layers.sh "$tree"
write mock/a.c '#include "runner/b.h"'
expect 1 'mock must not see runner' layers.sh "$tree"
write core/base/a.c '  #  include  "core/data/b.h"'
expect 1 'core/base must not see core/data' layers.sh "$tree"
write tests/unit/core/expr/test_a.c '#include "core/schema/b.h"'
expect 1 'core/expr must not see core/schema' layers.sh "$tree"
write cli/a.c '#include "tests/unit/b.h"'
expect 1 'only tests include' layers.sh "$tree"
write core/base/a.c '#include "b.h"'
expect 1 'not written from the root' layers.sh "$tree"
for header in civetweb.h curl/curl.h openssl/ssl.h yaml.h pcre2.h unicode/ucal.h uthash.h \
    cjson/cJSON.h cmocka.h getopt.h; do
    write runner/a.c "#include <$header>"
    expect 1 "'$header' may be included only in" layers.sh "$tree"
done

write core/a.c 'snprintf(a, b, "%s", c); mem_free(x); cJSON_IsNull(x); strncmp(a, b, 1); /* free text */'
expect 0 'banned: ok' banned.sh "$tree"
for call in strcpy strcat strncpy sprintf strtok atoi gmtime localtime malloc free strdup rand time \
    cJSON_Parse cJSON_Delete mg_handle_form_request; do
    write core/data/a.c "    x = $call(y);"
    expect 1 '<-' banned.sh "$tree"
done
for name in warp letta azure acp agntcy; do
    write mock/a.c "if (text_is(provider, \"$name\"))"
    expect 1 'a provider is data' banned.sh "$tree"
done
write mock/a.c 'static const char WARP_ID[] = "";'
expect 1 'a provider is data' banned.sh "$tree"
write tests/unit/a.c '"warp"'
expect 0 'banned: ok' banned.sh "$tree"

write core/a.c "$(seq 601)"
expect 1 '601 lines, at most 600' sizes.sh "$tree"
write core/a.c "$(seq 401)"
expect 0 'warning: 401 lines' sizes.sh "$tree"

write .clang-format 'BasedOnStyle: LLVM'
write core/a.c 'int  a ;'
expect 1 'run ./dev fmt' format.sh "$tree"
write .clang-format 'BasedOnStyle: LLVM'
write core/a.c 'int a;'
expect 0 'format: ok' format.sh "$tree"

write tool '#!/bin/sh
echo $1'
expect 1 'SC2086' shellcheck.sh "$tree"
write tool '#!/bin/sh
echo "$1"'
expect 0 'shellcheck: ok' shellcheck.sh "$tree"

machine=work # in pieces: these lines are looked at, too
write a.md "see /$machine/main/x"
expect 1 'a path of one machine' names.sh "$tree"
machine=farm
write a.md "see \"/$machine/x\""
expect 1 'a path of one machine' names.sh "$tree"
write a.txt 'from registry.npmjs.org'
expect 1 'a registry' names.sh "$tree"
write tests/sdk/node/package-lock.json '"resolved": "x"'
expect 1 'a lockfile' names.sh "$tree"
write core/a.c '/* TODO */'
expect 1 'finish it' names.sh "$tree"
write a.md 'homework/notes, coworker/x, a method of ours'
expect 0 'names: ok' names.sh "$tree"

# A program whose help has one command with one option.
write_program() {
    write program '#!/bin/sh
case $1 in
--help) printf "usage: x\n\nCommands:\n  mock   play\n\nmore\n" ;;
mock) printf "Server:\n  -p, --port N   port\n      --new-thing   new\n" ;;
esac'
    chmod +x "$tree/program"
}
write docs/ARCHITECTURE.md 'x'
expect 1 'README.md: missing' docs_sync.sh "$tree"
write README.md 'x'
write docs/ARCHITECTURE.md 'x'
write docs/LOST.md 'x'
expect 1 'docs/LOST.md: neither' docs_sync.sh "$tree"
write README.md '[x](docs/GONE.md)'
write docs/ARCHITECTURE.md 'x'
expect 1 "links 'docs/GONE.md'" docs_sync.sh "$tree"
write README.md 'x'
# shellcheck disable=SC2016 # backticks of Markdown
write docs/ARCHITECTURE.md '`core/gone_*.c`, but `core/NAME.c` is any'
expect 1 "names 'core/gone_*.c', which is not there" docs_sync.sh "$tree"
write_program
write README.md 'dryrun mock --port --new-things'
write docs/ARCHITECTURE.md 'x'
expect 1 "'--new-thing' of 'dryrun mock' is told nowhere" docs_sync.sh "$tree" "$tree/program"
write_program
write README.md '--port --new-thing'
write docs/ARCHITECTURE.md 'x'
expect 1 "'dryrun mock' is told nowhere" docs_sync.sh "$tree" "$tree/program"
write_program
write README.md 'dryrun mock --port --new-thing'
write docs/ARCHITECTURE.md 'x'
expect 0 '1 commands, 2 options' docs_sync.sh "$tree" "$tree/program"

# write_compiled TEXT: core/a.c and the database of a build that compiles it.
write_compiled() {
    cp "$here/../../.clang-tidy" "$tree/.clang-tidy"
    write core/a.c "$1"
    write build/compile_commands.json "[{\"directory\": \"$tree\", \"file\": \"core/a.c\",
        \"command\": \"cc -o a.o -c core/a.c\"}]"
}
write_compiled 'int main(int argc, char **argv) { int *a = 0; return argc > 1 ? *a : argv[0][0]; }'
expect 1 'clang-analyzer-core.NullDereference' tidy.py "$tree/build" "$tree"
write_compiled "int main(void)
{
    int a = 0;
$(i=0; while [ $i -lt 70 ]; do printf '    a++;\n'; i=$((i + 1)); done)
    return a;
}"
expect 1 'readability-function-size' tidy.py "$tree/build" "$tree"
write_compiled 'int main(void)
{
    return 0;
}'
expect 0 'tidy: 1 files, 0 unchanged' tidy.py "$tree/build" "$tree"
write_compiled 'int main(void) { int a[2]; a[2] = 0; return a[2]; }'
expect 1 'arrayIndexOutOfBounds' cppcheck.sh "$tree" "$tree/build"
write_compiled 'int main(void) { return 0; }'
expect 0 'cppcheck: ok' cppcheck.sh "$tree" "$tree/build"

# write_object TEXT: a compiled core/a.o of a build.
write_object() {
    mkdir -p "$tree/core" "$tree/mock" "$tree/runner" "$tree/cli"
    echo "$1" | cc -w -x c -c -o "$tree/core/a.o" -
}
write_object 'int accept(void) { return 0; }'
expect 1 'accept' symbols.sh "$tree"
write_object 'int accept_run(void) { return 0; }'
expect 0 'none taken from a library' symbols.sh "$tree"
expect 1 'found no symbols' symbols.sh "$tree"

[ "$bad" -eq 0 ] || exit 1
echo "selftest: ok ($cases cases)"
