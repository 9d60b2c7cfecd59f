/* SPDX-License-Identifier: Apache-2.0 */
/* dryrun COMMAND ...: finds the command and runs it. */
#include "cli/cmd_check.h"
#include "cli/cmd_lint.h"
#include "cli/commands.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int cmd_version(int argc, char **argv);
static int cmd_help(int argc, char **argv);

const struct command commands[] = {
    {"mock", "play services: listen and answer as they would", cmd_mock},
    {"exec", "run a command with a mock at its side, and tell it where", cmd_exec},
    {"check", "judge a service against its contract", cmd_check},
    {"record", "pass everything on to a service, and keep it as a tape", cmd_record},
    {"lint", "find what is wrong with contracts and fixtures", cmd_lint},
    {"diff", "what a client of one OpenAPI document meets in another", cmd_diff},
    {"graph", "draw the state machines of a service", cmd_graph},
    {"list", "list providers, their operations, outcomes and states", cmd_list},
    {"version", "print the version", cmd_version},
    {"help", "print this help, or that of a command", cmd_help},
};
const size_t command_count = sizeof commands / sizeof *commands;

static void print_help(FILE *out)
{
    fputs(
        "usage: dryrun COMMAND [ARGUMENTS]\n\n"
        "A stand-in for agent-run services, and the judge of whether they keep their contract.\n\n"
        "Commands:\n",
        out);
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\n'dryrun help COMMAND' tells more. Data is looked for in $DRYRUN_DATA, in the working\n"
          "directory, beside the program; --contracts and --fixtures say otherwise.\n"
          "Exit codes: 0 kept, 1 contract broken, 2 usage or document, 3 unreachable, 4 internal,\n"
          "5 nothing judged.\n",
          out);
}

static int cmd_version(int argc, char **argv)
{
    if (argc > 1 && (text_is(argv[1], "--help") || text_is(argv[1], "-h"))) {
        puts("usage: dryrun version");
        return EXIT_KEPT;
    }
    if (argc > 1) {
        log_line(LEVEL_ERROR, "version takes no argument, but got '%s'", argv[1]);
        return EXIT_USAGE;
    }
    puts("dryrun " DRYRUN_VERSION);
    return EXIT_KEPT;
}

static const struct command *find_command(const char *name)
{
    const char *names[sizeof commands / sizeof *commands];
    for (size_t i = 0; i < command_count; i++) {
        names[i] = commands[i].name;
        if (text_is(name, commands[i].name))
            return &commands[i];
    }
    const char *near = text_nearest_of(name, names, command_count);
    if (near)
        log_line(LEVEL_ERROR, "unknown command '%s' (did you mean '%s'?)", name, near);
    else
        log_line(LEVEL_ERROR, "unknown command '%s': 'dryrun help' lists them", name);
    return NULL;
}

static int cmd_help(int argc, char **argv)
{
    static char name[] = "", option[] = "--help";
    char *arguments[] = {name, option, NULL};
    if (argc < 2 || text_starts_with(argv[1], "-")) {
        print_help(stdout);
        return EXIT_KEPT;
    }
    const struct command *command = find_command(argv[1]);
    if (!command)
        return EXIT_USAGE;
    arguments[0] = argv[1];
    return command->run(2, arguments);
}

/* A descriptor that the caller closed must not become a file or a connection of ours, which would
 * then get what is printed. */
static void hold_standard_descriptors(void)
{
    int descriptor;
    do
        descriptor = open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor >= 0)
        close(descriptor);
}

/* What was printed did not arrive (a full disk): no success, then. A reader that has enough and
 * leaves (`| head -1`) is no trouble. */
static int told(int code)
{
    struct pollfd reader = {.fd = STDOUT_FILENO};
    bool is_lost = fflush(stdout) != 0;
    const char *why = is_lost ? strerror(errno) : "not all of it arrived";
    if ((!is_lost && !ferror(stdout)) || (poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR)))
        return code;
    log_line(LEVEL_ERROR, "cannot write to standard output: %s", why);
    return code == EXIT_KEPT ? EXIT_USAGE : code;
}

int main(int argc, char **argv)
{
    hold_standard_descriptors();
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (text_is(argv[1], "--help") || text_is(argv[1], "-h"))
        return told(cmd_help(1, argv));
    if (text_is(argv[1], "--version") || text_is(argv[1], "-V"))
        return told(cmd_version(1, argv));
    const struct command *command = find_command(argv[1]);
    return command ? told(command->run(argc - 1, argv + 1)) : EXIT_USAGE;
}
